"""The site floor: what does it look like, and who hears of what?"""
