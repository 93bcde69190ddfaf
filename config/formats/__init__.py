"""How dates are written where Django's own way is not the house's; the Chinese way is Django's."""
