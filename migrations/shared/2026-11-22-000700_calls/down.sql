DROP TABLE envelopes;
DROP TABLE calls;
