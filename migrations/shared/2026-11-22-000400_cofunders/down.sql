DROP TABLE co_funders;
