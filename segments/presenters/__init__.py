"""What people read of segments: sentences, rows of words, and the data of pictures, in the reader's language.

Pages, the API and actions that name or describe something share them. Nothing here changes anything.
"""
