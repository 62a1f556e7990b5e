-- A database as the predecessor left it: types as its daemons made them, times without an offset, some rows broken.
create schema old;

create table old.enterprises (
  id serial primary key, number text, name text, bot_token text, chat_id text, ip text, secret text, host text,
  created_at timestamp default current_timestamp, name2 text, active boolean, is_enabled boolean,
  scheme_count integer, gsm_line_count integer, parameter_option_1 boolean, parameter_option_2 boolean,
  parameter_option_3 boolean, parameter_option_4 boolean, parameter_option_5 boolean, custom_domain text,
  custom_port integer, integrations_config jsonb, uptime_days integer
);
insert into old.enterprises (number, name, bot_token, chat_id, ip, secret, host, name2, active, is_enabled, scheme_count,
  gsm_line_count, parameter_option_4, custom_domain, created_at, integrations_config)
values
  ('0367', 'june', '700000001:old-telegram-token-0367', '-1000000000367', '192.0.2.19', 'old-secret-0367', '', '375290000001',
    true, true, 3, 8, true, '', '2025-09-14 10:15:00',
    '{"retailcrm": {"enabled": true, "api_url": "https://june.retailcrm.ru", "api_key": "old-key-0367", "client_id": "old-client-0367", "colour": "red"},
      "telepathy": {"enabled": true}}'),
  ('0368', 'july', '', '', '', 'old-secret-0368', '', '375290000002', true, true, 3, 8, false, null, '2025-09-15 10:15:00', null),
  ('0369', 'august', null, null, 'not an address', 'old-secret-0369', null, '375290000003', true, true, 3, 8, false, null, now(), '{}'),
  -- The secret of 0368.
  ('0370', 'september', null, null, null, 'old-secret-0368', null, '375290000004', true, true, 3, 8, false, null, now(), '{}');

create table old.users (
  id serial primary key, enterprise_number text, email text, first_name text, last_name text, is_admin boolean
);
insert into old.users (enterprise_number, email, first_name, last_name, is_admin) values
  ('0367', 'anna@example.com', 'Анна', 'Иванова', true),
  ('0367', 'boris@example.com', 'Борис', 'Петров', false),
  ('0368', 'ANNA@example.com', 'Анна', 'Иванова', true),
  ('9999', 'vera@example.com', 'Вера', 'Сидорова', true);

create view old.extensions as
select '0367' as enterprise_number, 150 as extension, 'Анна Иванова' as name, '+375 29 111-00-01' as mobile;

create table old.calls (
  enterprise_number text, unique_id text, direction text, status text, phone text, line text, extension text,
  started_at timestamp, answered_at timestamp, ended_at timestamp, recording_url text
);
insert into old.calls values
  ('0367', '1757840723.6', 'in', 'answered', '+375291110001', '0001363', '150', '2025-09-14 12:05:23', '2025-09-14 12:05:33', '2025-09-14 12:06:33', 'x'),
  ('0367', '1757840800.9', 'in', 'missed', '375291110002', '0001363', null, '2025-09-14 12:06:40', null, '2025-09-14 12:07:00', null),
  ('0367', '1757840900.1', 'in', 'delighted', '375291110003', null, null, '2025-09-14 12:08:20', null, '2025-09-14 12:08:00', null),
  ('0367', null, 'in', 'missed', '375291110003', null, null, '2025-09-14 12:08:20', null, '2025-09-14 12:08:30', null);

create table old.integration_logs (
  id serial primary key, enterprise_number text, integration_type varchar(50), event_type varchar(50),
  call_unique_id text, phone_number text, internal_extension text, request_data jsonb, response_data jsonb,
  status varchar(20), error_message text, response_time_ms integer,
  created_at timestamp default current_timestamp, updated_at timestamp default current_timestamp
);
insert into old.integration_logs (enterprise_number, integration_type, event_type, call_unique_id, phone_number,
  request_data, response_data, status, response_time_ms, created_at)
select '0367', 'retailcrm', 'hangup', '1757840723.6', '+375291110001',
  jsonb_build_object('url', 'https://june.retailcrm.ru/api?apiKey=old-key-0367', 'api_key', 'old-key-0367', 'n', n),
  '{"success": true}', 'success', 41, timestamp '2025-09-14 12:06:33' + make_interval(secs => n)
from generate_series(1, 1203) as n;
insert into old.integration_logs (enterprise_number, integration_type, event_type, status) values
  ('0367', 'retailcrm', 'dial', 'perhaps');

create table old.hosting_servers (
  id serial primary key, client_name text, server_name text, ip_address text, cost_price numeric, client_price numeric,
  service_fee numeric, next_payment_date date, payment_period text, status text, timeweb_id bigint, timeweb_data jsonb,
  project_name text
);
insert into old.hosting_servers (client_name, server_name, ip_address, cost_price, client_price, service_fee,
  next_payment_date, payment_period, status, timeweb_id, timeweb_data, project_name)
values
  ('june', 'pbx-june', '192.0.2.19', 450, 900, 100, '2025-10-01', 'monthly', 'active', 5001, '{"root_pass": "hush"}', 'АТС'),
  ('july', 'pbx-july', '192.0.2.20', null, 900, null, null, 'monthly', 'active', null, null, null),
  ('august', 'pbx-august', null, null, 900, null, null, 'weekly', 'active', null, null, null);
