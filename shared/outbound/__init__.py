"""What leaves a service.

To people: messages.py knows what is said to whom; outbox.py and mail.py how it gets there; background.py lets nobody
wait for a mail server. To the other services of the installation: internal_line.py posts, sign_ins.py is what the
identity pool asks the user pool, siblings.py the reset of test mode.
"""
