"""The `poolkeeper` command, a file per subcommand. Like `services.__main__`, it sees every service.

init.py makes an installation; serve.py runs it; env.py prints what clients need; doctor.py says what is wrong with it;
audit.py prints who did what; root_key.py makes and deletes the root user's key; demo.py prepares the demo; tour.py tells the three steps against the running system.
"""
