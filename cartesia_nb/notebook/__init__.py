"""What a notebook starts with: sessions."""
