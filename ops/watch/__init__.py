"""`ops watch`: is a deployment as good as what was there before?"""
