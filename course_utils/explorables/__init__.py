"""Pictures that move in the page while one drags: plain JavaScript, no kernel, no network, each with a static twin."""
