"""The people floor: who is here, and what do they say?"""
