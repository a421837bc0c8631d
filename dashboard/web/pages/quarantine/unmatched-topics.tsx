import type { UnmatchedTopic, UnmatchedTopicsAnswer } from '../../../../events/api-intake.ts';
import type { Failure } from '../../api/request.ts';
import { serverNowMs } from '../../live/clock.ts';
import { CopyLine, CopyText } from '../../parts/copy.tsx';
import { FailureNote, Loading } from '../../parts/notes.tsx';
import { age } from '../../words/durations.ts';
import { count } from '../../words/numbers.ts';
import { plural } from '../../words/plurals.ts';

interface UnmatchedTopicsProps {
  readonly answer: UnmatchedTopicsAnswer | null;
  readonly failure: Failure | null;
  readonly retry: () => void;
}

/** Topics that match no template, under the line for `topics:` in `millrace.yaml` that would take them in. */
export function UnmatchedTopics({ answer, failure, retry }: UnmatchedTopicsProps) {
  if (answer !== null && answer.topics.length === 0) return null;
  const groups = answer === null ? [] : [...answer.suggestions.keys(), null];
  return (
    <section class="sec" aria-label="Topics that match no template">
      <header>
        <h2>Topics that match no template</h2>
        <span class="sub">{answer === null ? '' : plural(answer.topics.length, 'topic')}</span>
      </header>
      {failure !== null && (
        <FailureNote what="The topics could not be loaded." failure={failure} goesOn="" retry={retry} />
      )}
      {answer === null
        ? failure === null && <Loading what="topics" sinceMs={null} />
        : groups.map((index) => {
            const topics = answer.topics.filter((topic) => topic.suggestion === index);
            if (topics.length === 0) return null;
            return (
              <div class="suggestion" key={index}>
                {index === null ? (
                  <p class="dim">No template can take these in: a level is empty, or there is none to name a device.</p>
                ) : (
                  <div class="field">
                    <span class="l">
                      Add under <code>topics:</code> in millrace.yaml to take in{' '}
                      {count(answer.suggestions[index]!.topics)}{' '}
                      {answer.suggestions[index]!.topics === 1 ? 'topic' : 'topics'}, then run millrace apply
                    </span>
                    <CopyLine
                      text={answer.suggestions[index]!.line}
                      label={`line that takes in ${answer.suggestions[index]!.template}`}
                    />
                  </div>
                )}
                <Topics topics={topics} />
              </div>
            );
          })}
      {answer !== null && answer.beyondMax > 0 && (
        <p class="foot dim">{count(answer.beyondMax)} more topics are counted, not listed.</p>
      )}
    </section>
  );
}

function Topics({ topics }: { topics: readonly UnmatchedTopic[] }) {
  return (
    <table>
      <thead class="unseen">
        <tr>
          <th scope="col">Topic</th>
          <th scope="col">Sent by</th>
          <th scope="col">Messages</th>
          <th scope="col">Last</th>
        </tr>
      </thead>
      <tbody>
        {topics.map((topic) => (
          <tr key={topic.topic}>
            <td class="clip">
              <CopyText text={topic.topic} />
            </td>
            <td class="dim only-desk">{topic.client}</td>
            <td class="num">{plural(topic.count, 'message')}</td>
            <td class="num dim">{age(serverNowMs() - topic.lastAtUs / 1000)} ago</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
