"""What leaves the house: messages.py knows what is said to whom; outbox.py and mail.py how it gets there."""
