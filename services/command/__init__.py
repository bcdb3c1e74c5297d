"""The `poolkeeper` command, a file per subcommand. Like `services.__main__`, it sees every service.

parts.py names the services; init.py makes an installation; supervisor.py runs all of it, serve.py one service; env.py
prints what clients need; backup.py copies it while it runs; doctor.py says what is wrong with it; tour.py tells the
three steps against the running system.
"""
