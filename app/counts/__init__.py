"""How many: followers, posts, likes, comments. Kept in a collection of their own."""
