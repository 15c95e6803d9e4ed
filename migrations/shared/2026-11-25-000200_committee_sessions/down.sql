DROP TABLE committee_positions;
DROP TABLE committee_agenda;
DROP TABLE committee_sessions;
