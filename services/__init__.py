"""The services. They never import each other; only `services.__main__` sees all of them."""
