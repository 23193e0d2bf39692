DROP TABLE tenant.exports;
