// What sluice.yml cannot say in YAML: who asks, and what a refusal must bring along.
'use strict';

const HOT_SHARE = 0.2;

// One in five requests comes from one user, so that there are refusals at any number of users.
function chooseUser(context, events, done) {
  const { users } = context.vars;
  context.vars.user =
    Math.random() < HOT_SHARE ? 'user-hot' : `user-${Math.floor(Math.random() * users)}`;
  context.vars.content = 'x'.repeat(1 + Math.floor(Math.random() * 4000));
  done();
}

// A refusal says when to come again, and RateLimit that nothing is left (r=0); a grant has no Retry-After.
function checkLimits(request, response, context, events, done) {
  const { statusCode, headers } = response;
  const retryAfter = headers['retry-after'];
  if (statusCode !== 429) {
    return done(retryAfter === undefined ? undefined : new Error(`${statusCode} with Retry-After`));
  }
  events.emit('counter', 'sluice.refused', 1);
  if (!/^[1-9][0-9]*$/.test(retryAfter || '')) {
    return done(new Error(`429 with Retry-After: ${retryAfter}`));
  }
  if (!/;r=0(;|$|,)/.test(headers['ratelimit'] || '')) {
    return done(new Error(`429 with RateLimit: ${headers['ratelimit']}`));
  }
  return done();
}

module.exports = { chooseUser, checkLimits };
