"""What leaves a service: messages.py knows what is said to whom; outbox.py and mail.py how it gets there.

To the other services of the installation: internal_line.py posts, sign_ins.py is what the identity pool asks the user
pool, siblings.py the reset of test mode.
"""
