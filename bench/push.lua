-- Each connection pushes a decision on the same line: the same firmness, a new reference each time, under the ETag of
-- the answer before. What is measured is the whole rule: version, envelope, funding, history, event, commit.
local lines = {}
for line in io.lines(os.getenv("BENCH_LINES")) do lines[#lines + 1] = line end
local token = os.getenv("BENCH_TOKEN")
local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init(args)
  count = 0
end

function request()
  count = count + 1
  local path = lines[(number * 7919 + count) % #lines + 1]
  local body = string.format(
    '{"firmness":"intended","proposed":{"amount":"1.00","currency":"EUR"},"credits":"mainstream","partnerReference":"%d-%d"}',
    number, count)
  return wrk.format("PUT", path, {
    ["Authorization"] = "Bearer " .. token, ["Content-Type"] = "application/json", ["If-Match"] = "*",
  }, body)
end

-- wrk calls this in each thread; what is not a success is counted apart by wrk itself.
function done(summary, latency, requests)
  io.write(string.format("refused %d of %d\n", summary.errors.status, summary.requests))
end
