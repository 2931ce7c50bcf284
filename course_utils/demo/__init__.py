"""`course demo`: a page where a plate, chosen or one's own, is outlined, weighed and counted in kilocalories."""
