"""What leaves the house.

messages.py knows what is said to whom; outbox.py and mail.py how it gets there; background.py lets nobody wait for a
mail server. siblings.py: the other services of the installation.
"""
