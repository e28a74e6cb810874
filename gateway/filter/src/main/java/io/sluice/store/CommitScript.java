package io.sluice.store;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.sluice.redis.RedisLink;
import io.sluice.redis.RedisScript;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One call of the script that commits several buckets to Redis; {@link GroupCommit} explains what
 * for. Keys are numbered from 1 in the order they are added. Not thread-safe.
 *
 * <p>The script replies with a flat list of the keys that now hold anything else than the caller
 * expects: {@code i, value} for what key i holds, {@code -i, value} where the charge could not be
 * taken from it and every take that names it was left out. An absent key has an empty value.
 *
 * <p>A call that was decided on a clock half a second or more off Redis' own is not carried out;
 * the reply is then {@code 0, microseconds} of Redis' time. TIME before a write takes Redis 5 or
 * newer.
 *
 * <p>It works on Bucket4j's bytes as laid out in {@link MergeLayout}. It never computes a refill
 * into a bucket: nanoseconds since 1970 exceed the 53 bits of Lua's numbers. It only asks whether a
 * stored bucket is full by now, which takes the difference of two times and is off by at most 2^-50
 * of the capacity, and of the debt where there is one.
 */
final class CommitScript {

  private static final RedisScript SCRIPT =
      new RedisScript(
          """
          -- KEYS: buckets. ARGV: for each key its old value, its new one ('' to look only) and its
          -- ttl; at the end: now, 8 bytes; then, for whoever finds anything else than the old values:
          -- takes 'key:tokens,..;..' or '' for all or nothing; '|'; of each key 'charge outline;', or
          -- 'charge outline!;' where it is settled, given back if negative.
          local call, keys, args = redis.call, KEYS, ARGV
          local time = redis.call('TIME')
          local high, low = struct.unpack('>I4I4', args[#args])
          local apart = high * 4.294967296 + low / 1e9 - time[1] - time[2] / 1e6
          if apart > 0.5 or apart < -0.5 then
            return {0, string.format('%d%06d', time[1], time[2])}
          end
          local held, same = call('MGET', unpack(keys)), true
          for i = 1, #keys do
            if (held[i] or '') ~= args[3 * i - 2] then same = false end
          end
          if same then
            for i = 1, #keys do
              local new = args[3 * i - 1]
              if new ~= '' then call('SET', keys[i], new, 'PX', args[3 * i]) end
            end
            return {}
          end

          local last = args[#args]
          local now, takes, rest = last:sub(1, 8), last:match('^([^|]*)|(.*)$', 9)
          local charges, outlines = {}, {}
          for charge, outline in rest:gmatch('(%-?%d+) ([^;]*);') do
            charges[#charges + 1] = tonumber(charge)
            outlines[#outlines + 1] = outline
          end
          -- No bucket is longer, and what is must not cross the line with each request.
          for i = 1, #keys do held[i] = (held[i] or ''):sub(1, 4096) end

          local EXACT = 9007199254740992
          local function number(bytes, at)
            local high, low = struct.unpack('>I4I4', bytes, at)
            return high * 4294967296 + low
          end
          local function signed(bytes, at)
            local high, low = struct.unpack('>i4I4', bytes, at)
            return high * 4294967296 + low
          end
          local function octets(n)
            return struct.pack('>I4I4', math.floor(n / 4294967296) % 4294967296, n % 4294967296)
          end
          local function since(bytes, at)
            local high, low = struct.unpack('>I4I4', bytes, at)
            local nowHigh, nowLow = struct.unpack('>I4I4', now, 1)
            return (nowHigh - high) * 4294967296 + (nowLow - low)
          end
          local function later(bytes, at, nanos)
            local high, low = struct.unpack('>I4I4', bytes, at)
            low = low + nanos % 4294967296
            high = high + math.floor(nanos / 4294967296) + math.floor(low / 4294967296)
            return struct.pack('>I4I4', high, low % 4294967296)
          end
          local function replaced(bytes, off, time, size, error, consumed)
            return bytes:sub(1, off) .. time .. octets(size) .. error
                .. bytes:sub(off + 25, off + 28) .. octets(consumed) .. bytes:sub(off + 37)
          end

          -- The value of key i with the charge taken, and its ttl; nil where only Bucket4j can tell.
          -- What is there is settled below zero and up to the capacity; a take may begin with nothing.
          local function merged(i, charge)
            local have, new = held[i], args[3 * i - 1]
            local capacity, refill, period, interval, ttl, settled =
                outlines[i]:match('^(%d+) (%d+) (%d+) (%d) (%d+)(!?)$')
            settled = settled == '!'
            if not capacity or (settled and have == '') then return nil end
            capacity, refill, period = tonumber(capacity), tonumber(refill), tonumber(period)
            local off = #new - 45
            local base, size, consumed, time, error = new, capacity, 0, now, octets(0)
            if have ~= '' then
              if #have ~= #new or have:sub(1, off) ~= new:sub(1, off)
                  or have:sub(off + 37) ~= new:sub(off + 37) then return nil end
              size, consumed = signed(have, off + 9), number(have, off + 29)
              if size >= EXACT or size <= -EXACT or consumed >= EXACT then return nil end
              size = math.min(size, capacity)
              local elapsed = since(have, off + 1)
              local back = (elapsed * refill + number(have, off + 17)) / period
              if interval == '1' then back = math.floor(elapsed / period) * refill end
              if elapsed < 0 or size + back < capacity then
                base, error = have, have:sub(off + 17, off + 24)
                time = elapsed < -1e9 and time or have:sub(off + 1, off + 8)
              else
                size = capacity
                if interval == '1' then time = later(have, off + 1, elapsed - elapsed % period) end
              end
            end
            size = size - charge
            if size <= -EXACT or (size < 0 and not settled) then return nil end
            if size < 0 then
              local longer = ttl + math.ceil(-size / refill) * period / 1e6
              ttl = string.format('%.0f', math.min(longer, 3.1536e13))
            elseif size >= capacity then
              size, error = capacity, octets(0)
            end
            return replaced(base, off, time, size, error, consumed + math.max(0, charge)), ttl
          end

          local bad, dropped, reply = {}, {}, {}
          local complete = true
          for i = 1, #keys do
            if held[i] ~= args[3 * i - 2] and args[3 * i - 1] ~= ''
                and not merged(i, charges[i]) then
              bad[i] = true
              complete = false
            end
          end
          local none = not complete and takes == ''
          if not complete then
            for take in takes:gmatch('[^;]+') do
              local hit = false
              for key in take:gmatch('(%d+):') do hit = hit or bad[tonumber(key)] end
              if hit then
                for key, tokens in take:gmatch('(%d+):(%d+)') do
                  key = tonumber(key)
                  dropped[key] = (dropped[key] or 0) + tonumber(tokens)
                end
              end
            end
          end
          local function tell(i, value)
            reply[#reply + 1] = i
            reply[#reply + 1] = value
          end
          for i = 1, #keys do
            local old, new = args[3 * i - 2], args[3 * i - 1]
            local drop = dropped[i] or 0
            local charge = charges[i] - drop
            if bad[i] then
              tell(-i, held[i])
            elseif new == '' or none or (drop > 0 and charge == 0) then
              if held[i] ~= old then tell(i, held[i]) end
            else
              local value, ttl = new, args[3 * i]
              if held[i] ~= old then
                value, ttl = merged(i, charge)
              elseif drop > 0 then
                local off = #new - 45
                value = replaced(new, off, new:sub(off + 1, off + 8), number(new, off + 9) + drop,
                    new:sub(off + 17, off + 24), number(new, off + 29) - drop)
              end
              call('SET', keys[i], value, 'PX', ttl)
              if value ~= new then tell(i, value) end
            end
          end
          return reply
          """);

  private static final byte[] NOTHING = {};
  private static final byte[] ZERO = {'0'};

  private final long now;
  private final StringBuilder takes = new StringBuilder();
  private final StringBuilder charges = new StringBuilder();
  private final List<byte[]> keys = new ArrayList<>();
  private final List<byte[]> arguments = new ArrayList<>();

  /**
   * Creates a call without keys.
   *
   * @param now nanoseconds since the Unix epoch
   */
  CommitScript(long now) {
    this.now = now;
  }

  /** Adds tokens that the take at hand charges a key; a call without any is all or nothing. */
  void takes(int key, long tokens) {
    takes.append(key).append(':').append(tokens).append(',');
  }

  /** Ends a take: what follows belongs to the next. */
  void endTake() {
    takes.append(';');
  }

  /** Adds a key to be looked at. */
  void look(byte[] key, byte[] old) {
    add(key, old, NOTHING, ZERO, 0, MergeLayout.NOTHING_TO_MERGE);
  }

  /**
   * Adds a key to be charged.
   *
   * @param old the value that the new one was computed from; empty for an absent key
   * @param outline what allows to merge, see {@link MergeLayout#outline}
   */
  void charge(byte[] key, byte[] old, byte[] next, long ttlMillis, long charge, String outline) {
    add(key, old, next, Long.toString(ttlMillis).getBytes(US_ASCII), charge, outline);
  }

  /**
   * Adds a key to be charged by whatever it holds, even below zero, or given back to up to the
   * capacity; where it holds nothing that was not expected, the charge is not merged.
   *
   * @param charge given back when negative
   */
  void settle(byte[] key, byte[] old, byte[] next, long ttlMillis, long charge, String outline) {
    charge(key, old, next, ttlMillis, charge, outline + '!');
  }

  /** Sends the call. */
  CompletionStage<Object> run(RedisLink link) {
    byte[] text = takes.append('|').append(charges).toString().getBytes(US_ASCII);
    arguments.add(ByteBuffer.allocate(Long.BYTES + text.length).putLong(now).put(text).array());
    return link.run(SCRIPT, keys, arguments);
  }

  /**
   * Returns Redis' time where it has carried out nothing because the caller's is too far from it,
   * in nanoseconds since the Unix epoch; empty for any other reply.
   */
  static OptionalLong redisTime(@Nullable Object reply) {
    return reply instanceof List<?> list
            && list.size() == 2
            && list.get(0) instanceof Long key
            && key == 0
            && list.get(1) instanceof byte[] micros
        ? OptionalLong.of(Long.parseLong(new String(micros, US_ASCII)) * 1_000)
        : OptionalLong.empty();
  }

  /**
   * Takes a reply apart.
   *
   * @throws IllegalStateException when it is none of this script's
   */
  static void read(@Nullable Object reply, Change change) {
    if (!(reply instanceof List<?> list) || list.size() % 2 != 0) {
      throw new IllegalStateException("no reply of the commit script");
    }
    for (int i = 0; i < list.size(); i += 2) {
      if (!(list.get(i) instanceof Long key) || !(list.get(i + 1) instanceof byte[] value)) {
        throw new IllegalStateException("no pair of the commit script's reply: " + i / 2);
      }
      change.of((int) Math.abs(key), key > 0, value);
    }
  }

  /** Hears of a key that holds something else than expected. */
  interface Change {
    void of(int number, boolean taken, byte[] value);
  }

  private void add(byte[] key, byte[] old, byte[] next, byte[] ttl, long charge, String outline) {
    keys.add(key);
    arguments.add(old);
    arguments.add(next);
    arguments.add(ttl);
    charges.append(charge).append(' ').append(outline).append(';');
  }
}
