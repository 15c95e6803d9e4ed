DROP TABLE commitment_reports;
