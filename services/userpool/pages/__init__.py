"""What browsers and OpenID Connect clients read. wellknown.py: each pool's published keys and discovery document."""
