/**
 * A topic with three outputs, and with a query for each of the first two: `question` paraphrases what `explanation` says,
 * without its words; `lookup` has the identifier or name of `note`. `like` is about the same as the note, under another
 * identifier or name, and answers neither.
 */
export type Topic = { explanation: string; question: string; note: string; lookup: string; like: string };

export const TOPICS: readonly Topic[] = [
  {
    explanation:
      'A cache keeps answers that were expensive to compute close to the reader. An entry is dropped when its lifetime ends or when space is needed for a newer one.',
    question: 'Why are stored results thrown away after a while instead of being kept forever?',
    note: 'On Tuesday the cache answered with stale prices for an hour. The log showed ERR_4411 on every node until the entries were purged by hand.',
    lookup: 'ERR_4411',
    like: 'On Friday the cache answered with stale addresses for ten minutes. The log showed ERR_4417 on one node until it was restarted.',
  },
  {
    explanation:
      'A queue lets a sender go on without waiting for the receiver. Messages stay until a worker has confirmed that it has handled them.',
    question: 'How can one part of a system hand over tasks to another that is busy at the moment?',
    note: 'The backlog grew because drainPendingAcks() was called before the connection was open, so that confirmations were lost.',
    lookup: 'what does drainPendingAcks do wrong',
    like: 'The backlog grew because flushWaitingJobs() was called after the connection was closed, so that jobs were sent twice.',
  },
  {
    explanation:
      'Two writers that change the same record at once can undo each other. A version number in the record lets the second writer notice that it is late.',
    question: 'What prevents simultaneous edits from overwriting one another?',
    note: 'Marguerite Oyelaran found that the order service ignored the version of a record, and added the missing condition to each update.',
    lookup: 'the fix by Oyelaran',
    like: 'Tobias Lindqvist found that the billing service ignored the version of an invoice, and added a lock around each update.',
  },
  {
    explanation:
      'A request that failed may be sent again after a pause. The pause grows with every failure and has a random part, so that clients do not return at the same moment.',
    question: 'After something goes wrong, how long should a program hold back before trying once more?',
    note: 'With firmware 7.3.19 the gateway repeats a failed call at once, a hundred times a second, and takes the payment service down.',
    lookup: 'gateway with 7.3.19',
    like: 'With firmware 7.4.2 the gateway waits for thirty seconds after a failed call, and the payment service recovers.',
  },
  {
    explanation:
      'An index of a table is a sorted copy of some of its columns. It makes reading by these columns fast and every write a little slower.',
    question: 'Which structure speeds up lookups in a database at the expense of inserts?',
    note: 'The report took nine minutes until idx_orders_zone was rebuilt; the planner had chosen to read the whole table.',
    lookup: 'idx_orders_zone',
    like: 'The report took four minutes until idx_orders_day was dropped; the planner had chosen an index that fits no row.',
  },
  {
    explanation:
      'Encryption turns a message into noise for everybody without the key. The same key reads it again, so its protection matters more than that of the message.',
    question: 'How is a secret made unreadable to outsiders, and what must then be guarded best?',
    note: 'The certificate of host kx-payments-03 expired at midnight, and every phone in the shops refused to connect.',
    lookup: 'kx-payments-03 expired',
    like: 'The certificate of host kx-delivery-08 was issued for another name, and every scanner in the stores refused to connect.',
  },
  {
    explanation:
      'A load balancer spreads requests over several machines and leaves out those that do not answer its checks. Adding a machine then needs no change at the clients.',
    question: 'How does incoming traffic get shared among servers so that a broken one is avoided?',
    note: 'Product BLX-2290 shipped with a faulty power supply. Units that restart under load are to be replaced free of charge.',
    lookup: 'restart of BLX-2290',
    like: 'Product BLX-2310 shipped with a loose fan. Units that become loud under load are to be repaired free of charge.',
  },
  {
    explanation:
      'Compression finds repetition in data and writes it only once. Text shrinks to a third, while pictures that are compressed already stay as they are.',
    question: 'Why do documents get smaller when packed, but photos hardly do?',
    note: 'The archive of March could not be opened: unzip reported checksum 9f3ac71e where the list has another one.',
    lookup: '9f3ac71e',
    like: 'The archive of April could not be opened: unzip reported checksum 41d0b8aa where the list has another one.',
  },
  {
    explanation:
      'A garbage collector frees memory that no part of the program can reach any more. Some collectors stop the program for a moment while they look.',
    question: 'How does a runtime give back space that is not used any longer, and why does it pause?',
    note: 'The worker was killed for memory after retainClosureMap kept every request alive through its callback.',
    lookup: 'memory kept by retainclosuremap',
    like: 'The worker was killed for memory after a log buffer kept every response alive through its formatter.',
  },
  {
    explanation:
      'A sensor reports a temperature that wanders slowly with its age. Comparing it with a reference once a year shows by how much it is off.',
    question: 'How do you find out whether a measuring instrument still tells the truth?',
    note: 'Thermometer TQ-88-C in the cold store reads two degrees too high since it was moved next to the door.',
    lookup: 'tq-88-c',
    like: 'Thermometer TQ-91-A in the bakery reads one degree too low since it was cleaned with steam.',
  },
  {
    explanation:
      'Sorting by merging cuts a list into halves, sorts each, and joins them by taking the smaller first element again and again. Its effort grows only a little faster than the list.',
    question: 'Which way of putting things in order splits them in two repeatedly and combines the pieces?',
    note: 'Dr. Anneliese Brzezicka explained in her lecture why a merge that is not stable broke the ranking of equal results.',
    lookup: 'brzezicka lecture',
    like: 'Dr. Henrik Vanterpool explained in his lecture why a heap that is not stable changed the ranking of equal results.',
  },
  {
    explanation:
      'A backup that nobody has ever restored is a hope. Restoring one to an empty machine every month shows whether it is complete and how long it takes.',
    question: 'How can I be certain that my copies will help when the original is destroyed?',
    note: 'Restoring failed on the second tape of set VLT0417, since the drive could not read its label.',
    lookup: 'tape VLT0417',
    like: 'Restoring failed on the first tape of set VLT0522, since somebody had taken it out of the vault.',
  },
  {
    explanation:
      'A certificate of origin and an invoice travel with the goods. Customs compares both with the declaration before a lorry may cross the border.',
    question: 'Which papers does a shipment need when it enters another country?',
    note: 'Parcel JD-60418-DK waits in Rotterdam because the declared weight differs from the measured one by half a kilogram.',
    lookup: 'where is parcel 60418',
    like: 'Parcel JD-71822-DK waits in Hamburg because the declared value differs from the invoice by ten euros.',
  },
  {
    explanation:
      'A vector of numbers can stand for the meaning of a sentence. Sentences that say the same in other words get vectors that point in nearly the same direction.',
    question: 'How does a machine notice that two phrases express one idea though they share no terms?',
    note: 'Setting hnsw.efSearchFloor to 12 made queries fast, and lost a fifth of the neighbours that an exact search finds.',
    lookup: 'hnsw.efSearchFloor',
    like: 'Setting the number of links of each point to 4 made the index small, and lost a third of the neighbours.',
  },
  {
    explanation:
      'A rollback returns to the version before. It is safe only if that version understands all data which the newer one has written.',
    question: 'When may a release be undone without breaking what was saved since?',
    note: 'Release 2026.11-rc4 was withdrawn after two hours because customers could not change their passwords.',
    lookup: '2026.11-rc4',
    like: 'Release 2026.10-rc9 was withdrawn after a day because customers could not see their invoices.',
  },
  {
    explanation:
      'An exact clock is not enough to order events of different machines, since messages take time. Counters that travel with the messages give an order that never contradicts a cause.',
    question:
      'How can computers agree which of two things happened first without trusting their time of day?',
    note: 'Sundaresan noticed that the replica in Oslo was four minutes ahead, and that its writes therefore always won.',
    lookup: 'sundaresan',
    like: 'Petterson noticed that the replica in Malmö was an hour behind, and that its writes therefore always lost.',
  },
  {
    explanation:
      'A test that sometimes fails without a change teaches people to ignore red. It should be repaired or removed on the day it is noticed.',
    question: 'What should be done about checks whose outcome varies from day to day for no reason?',
    note: 'Ticket PLAT-7731: the login test fails on every third evening, when the account it uses is cleaned up.',
    lookup: 'PLAT-7731 login',
    like: 'Ticket PLAT-7802: the search test fails on every first morning, when the index it uses is rebuilt.',
  },
  {
    explanation:
      'A proxy stands between client and server and can change both what is asked and what is answered. A cache, a filter and a recorder are often built as one.',
    question: 'What is the name for a middleman that sees every exchange between two programs?',
    note: 'The header X-Zephyr-Trace is removed by the outer proxy, and so no request could be followed beyond it.',
    lookup: 'X-Zephyr-Trace removed',
    like: 'The header with the language is rewritten by the inner proxy, and so every page was shown in English.',
  },
  {
    explanation:
      'Concrete becomes hard by a reaction with water and not by drying. In hot weather it is covered and kept wet for days, or it cracks.',
    question: 'Why must a freshly poured floor not lose its moisture too early?',
    note: 'Mixture C35-XF4 was delivered to the bridge site without its additive, and two pillars have to be checked.',
    lookup: 'C35-XF4',
    like: 'Mixture C25-XC2 was delivered to the station site with too much water, and one wall has to be replaced.',
  },
  {
    explanation:
      'A pager that rings for everything is soon muted. An alarm should be rare, need a human now, and say what to do first.',
    question: 'How are people kept from ignoring the messages that wake them at night?',
    note: 'The alarm kubelet_evictions_high rang eleven times on Sunday, and each time the node had recovered by itself.',
    lookup: 'kubelet_evictions_high',
    like: 'The alarm for full disks rang four times on Monday, and each time somebody deleted old logs by hand.',
  },
  {
    explanation:
      'A parser turns a sequence of characters into a tree according to a grammar. A good one says where the text stops making sense and what it had expected there.',
    question: 'How does a program recognise the structure of what somebody typed, and report mistakes?',
    note: 'The parser stopped with SYN0093 at the first tab, because the grammar allows only spaces between the fields.',
    lookup: 'syn0093',
    like: 'The parser stopped with SYN0127 at the last line, because the grammar wants a line break after each record.',
  },
  {
    explanation:
      'Bread rises because yeast turns sugar into gas, which the dough holds. Warm dough rises fast and tastes of little; cold dough takes a night and tastes better.',
    question: 'Why do bakers leave their mixture in the fridge until the next morning?',
    note: 'The recipe by Ottilie Kranzmayr uses rye, caraway and a starter that she has fed for thirty years.',
    lookup: "Kranzmayr's recipe",
    like: 'The recipe by Leopold Wimmer uses wheat, poppy and a starter that he has fed for a year.',
  },
  {
    explanation:
      'A budget for each team stops one of them from spending what all others need. It is checked before a request is sent, because afterwards the money is gone.',
    question: 'How can several groups share an account so that nobody uses up everything?',
    note: 'Invoice 2026-55190 has the same training job twice; the provider will refund the second one in December.',
    lookup: 'refund of invoice 55190',
    like: 'Invoice 2026-55237 has a storage fee that was cancelled; the provider will refund it in January.',
  },
  {
    explanation:
      'A bearing that runs dry becomes hot before it becomes loud. Feeling its temperature once a shift finds the damage weeks before the machine stops.',
    question: 'Which early sign tells that a rotating part is about to break?',
    note: 'Pump P-2017B was stopped at noon; its coupling had two broken bolts, and the spare is in rack nine.',
    lookup: 'spare coupling of p-2017b',
    like: 'Pump P-2044A was stopped at dawn; its seal had a crack, and the spare has to be ordered.',
  },
  {
    explanation:
      'Streaming an answer shows its first words while the last ones are still being computed. People feel it to be faster although the whole takes as long as before.',
    question: 'Why does text that appears bit by bit seem quicker than text that comes at once?',
    note: 'The function readUntilSentinel never returns when the server ends without the last line, so the page stayed empty.',
    lookup: 'readUntilSentinel never returns',
    like: 'The function that joins the lines returns too early when the server pauses, so the page lost its end.',
  },
];
