DROP TABLE councils;
