DROP TABLE amendment_signatures;
DROP TABLE amendments;
DROP TABLE contract_signatures;
DROP TABLE contracts;
