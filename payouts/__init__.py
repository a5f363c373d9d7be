"""The money floor: who is owed what, and was it paid?"""
