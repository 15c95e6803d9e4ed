DROP TABLE texts_index;
DROP TABLE texts;
