DROP TABLE application_co_funders;
DROP TABLE application_neighbourhoods;
DROP TABLE application_challenges;
DROP TABLE application_contents;
DROP TABLE applications;
