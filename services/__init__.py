"""The services userpool, identitypool and demo, which never import each other, and the `poolkeeper` command (command/).

Only `services.__main__` and command/ see all of them.
"""
