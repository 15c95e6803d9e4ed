DROP TABLE application_returns;
