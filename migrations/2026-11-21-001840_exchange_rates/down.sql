DROP TABLE platform.exchange_rates;
