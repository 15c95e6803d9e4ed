DROP TABLE application_references;
DROP TABLE decision_batches;
