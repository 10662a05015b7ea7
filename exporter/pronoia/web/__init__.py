"""The HTTP surface: scrapes, health, the status page, the forecast curve, and the server that carries them."""
