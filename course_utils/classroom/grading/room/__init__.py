"""What runs inside the sandbox: it reads notebooks and runs answers, and knows nothing of what is right."""
