import feedback from '../../tabs/Feedback.graphql';
import feedbackVariables from '../../tabs/Feedback.json';
import generations from '../../tabs/Generations.graphql';
import generationsVariables from '../../tabs/Generations.json';
import photo from '../../tabs/StartFromPhoto.graphql';
import photoVariables from '../../tabs/StartFromPhoto.json';
import sentence from '../../tabs/StartFromSentence.graphql';
import sentenceVariables from '../../tabs/StartFromSentence.json';
import spec from '../../tabs/StartFromSpec.graphql';
import specVariables from '../../tabs/StartFromSpec.json';
import watch from '../../tabs/Watch.graphql';
import watchVariables from '../../tabs/Watch.json';

export interface ReadyTab {
  /** The operation's name, which GraphiQL shows as the tab's title. */
  name: string;
  query: string;
  variables: object;
}

export const WATCH: ReadyTab = { name: 'Watch', query: watch, variables: watchVariables };

export const FEEDBACK: ReadyTab = {
  name: 'Feedback',
  query: feedback,
  variables: feedbackVariables,
};

export const READY_TABS: ReadyTab[] = [
  { name: 'StartFromPhoto', query: photo, variables: photoVariables },
  { name: 'StartFromSentence', query: sentence, variables: sentenceVariables },
  { name: 'StartFromSpec', query: spec, variables: specVariables },
  WATCH,
  { name: 'Generations', query: generations, variables: generationsVariables },
  FEEDBACK,
];
