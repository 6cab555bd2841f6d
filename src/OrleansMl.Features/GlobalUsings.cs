global using OrleansMl.Declaration;
