"""The deals floor: who inspired this sale, and what is it worth?"""
