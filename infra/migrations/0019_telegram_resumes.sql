-- Another bot or another chat is what a refusal waits for: whoever saves it lets the messages go on.
create function resume_telegram() returns trigger
  language plpgsql as $$
begin
  new.telegram_paused_reason := null;
  return new;
end $$;

create trigger telegram_resumes
  before update of bot_token, chat_id on enterprises
  for each row
  when (old.telegram_paused_reason is not null
    and (old.bot_token, old.chat_id) is distinct from (new.bot_token, new.chat_id))
  execute function resume_telegram();
