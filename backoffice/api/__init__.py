"""What every API route shares. (REST framework imports parts of this while it loads: keep the modules
apart.)"""
