DROP TABLE decision_revisions;
DROP TABLE decisions;
