-- breaks-users
ALTER TYPE public.plan RENAME TO tariff;
ALTER TYPE public.tariff ADD VALUE 'big' AFTER 'team';
