"""The HTTP surface: scrapes, health, the landing page, the forecast curve, and the server that carries them."""
