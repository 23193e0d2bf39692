DROP TABLE tenant.own_exports;
