"""From masks to kilocalories: shape features, weights, nutrition, the estimator and its error budget."""
