-- What is held and what is reserved is asked for with every look at the metrics.
create index charges_unsettled on charges (provider) where state in ('UNKNOWN', 'RESERVED');
