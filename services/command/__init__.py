"""The `poolkeeper` command, a file per subcommand. Like `services.__main__`, it sees every service.

parts.py names the services. init.py makes an installation. supervisor.py runs all of it, serve.py one service; said.py
prints their lines. env.py prints what clients need. root_key.py makes and deletes the root user's key, keys.py changes the
master key; record.py tells the audit of both. backup.py copies it all while it runs, move.py copies it to PostgreSQL.
audit.py prints who did what. doctor.py says what is wrong. demo.py prepares what the demo shows. tour/ tells the three
steps against the running system.
"""
