/** Model calls with what they used: `usage` as the provider counted it, and its counts as columns to sum. */
export const step = `
create table step (
  turn_index integer not null,
  step_index integer not null,
  tenant text collate "C" not null,
  thread_id text collate "C" not null,
  step_id text collate "C" not null,
  status text collate "C" not null,
  usage json not null,
  input_tokens double precision generated always as ((usage ->> 'inputTokens')::double precision) stored,
  output_tokens double precision generated always as ((usage ->> 'outputTokens')::double precision) stored,
  total_tokens double precision generated always as ((usage ->> 'totalTokens')::double precision) stored,
  reasoning_tokens double precision generated always as ((usage ->> 'reasoningTokens')::double precision) stored,
  cached_input_tokens double precision generated always as ((usage ->> 'cachedInputTokens')::double precision) stored,
  finish_reason text,
  response_id text,
  primary key (tenant, thread_id, turn_index, step_index)
) with (fillfactor = 80)`
