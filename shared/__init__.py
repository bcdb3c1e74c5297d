"""What the services stand on. Imports nothing of `services`.

Folders: aws (the AWS wire), guard (a signed request to a caller and a decision), policy (the policy language), audit (who
did what), sql, ephemeral (short-lived state), outbound (messages, and calls to other services of the installation).

From a request to an answer: serve.py (the server's adapter), unread.py (requests turned away unread), deadline.py (the
time that one may take), probe.py (health), drain.py (how a worker ends); web.py (requests and answers as values),
entrance.py (a service's front), admin.py (calls under /admin/v1/), cors.py (pages of other origins), dated.py (the time of
answers in test mode), refusal.py (what is not granted). sweeper.py: what is over is removed in the background.
An installation: settings.py (every setting), house.py (what a process puts together first), clock.py (the time), ids.py
(random names), secret.py (a text that does not print itself).
Under lock and key: keys.py (where master keys come from), seal.py (what is sealed under them), rewrap.py (sealed anew
after a rotation), conversation.py (sealed questions between services), checked.py (signatures checked a moment ago).
"""
