"""The exercises of every lesson, each declared once: right answers, cases, and the mistakes people make."""
