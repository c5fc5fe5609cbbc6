/**
 * Common words of English and technical prose, mostly in their base form, by which no text is looked up. Words may be
 * added; one that is removed is found in vectors stored from then on.
 */
const WORDS = `
ability able about above absent absolute absorbs academic accept acceptable acceptance access accident accompany
accomplish according account accuracy accurate achieve acid acquire across action activation actor acts actual adapt
add address adequate adjust admin administrator admit adopt adult advance advantage adventure advertise advice
advise affair affect afford afraid after afternoon afterwards again against age agency agenda agents agree agreement
ahead ai aid aim air airport alarm album alert alias alice alike alive all allow almost alone along alongside
already also alter alternative although always am ambition among amount an ancient and anew anger angle angry animal
anniversary announce annual another answer anxiety anxious any anyone anything anyway apart apartment api apologise
apologize apostrophe app appeal appear appearance apple applicable application appoint appointment appreciate
approaches appropriate approval approve approximate april architecture archive are area aren argue argument arise
arithmetic arm army around arrange array arrest arrival arrive arrow art artefact articles artificial artist as ask
asleep aspect assemble asset assigned assigns assist assistance assistant associate association assume assumptions
assure async asynchronous at atmosphere attach attack attempt attend attention attitude attract attractive attribute
audience audio audit augmented august aunt authentication author authorisation authority authorization automatic
automatically autumn availability available avenue average avoid await award aware away awful baby back backend
background backlog backoff backup backward bad bag bake balance ball band bandwidth bank bar bare base basic batch
bath bathroom battery battle be beach bear beat beaten beautiful beauty became because become bed bedroom beef been
beer before beforehand beg began begin beginners begun behave behavior behaviour behind being belief believe bell
belong below belt bench benchmark bend beneficial benefit beside best bet between beyond bias bicycle bidirectional
big bike billion bind bird birth birthday bit black blame blank blind block blog blood blow blue blueprint board
boat body bomb bond bone book bool boolean bootstrap border bored boring born borrow boss both bottle bottom bought
bound boundary bowl box boy brain branch brand brave bread break breakdown breakfast breast breath breathe breeze
brick bridge brief bright brilliant bring british broad broke broken brother brown browser brush btw bucket budget
buffer bug build built bullet bunch bundle burden burn burst bury bus bush busiest business busy but button buy by
byte cabinet cable cache cake calculate calculation calendar call callback calm came camera camp campaign can canal
cancel cancer candidate cannot canonical cap capabilities capable capacity capital captain captions capture car
carbon cards care careful careless carpet case cash castle casual cat catalogue catch category cause ceiling
celebrate cell cent central centre century ceremony certain certificate chain chair chairman challenge champion
chance change channel chapter char character characteristic charge charity chart chase chat cheap check checkout
checkpoint checksum cheer cheese chemical chemistry chest chicken chief child children chocolate choice choose chose
chosen chunk church cigarette cinema cipher circle circuit circumstance citizen city civil claim clarify class
classic classification classifier clean clear clerk clever cli click client climate climb clinic clock close closure
cloth cloud club cluster coach coal coast coat code coffee coin cold collapse colleague collect collection college
colon color colour column combat combinations combine come comfort comfortable comma command comment commercial
commission commit commitment committee common communicate community compact companion company comparative compare
comparison compatible compensating compete competition competitive compiled compiler compiles complain complaint
complete completion complex complicated component composition comprehensive compress compression compromise
computation compute concentrate concept concern concert conclude conclusion concrete concurrency concurrent
condition conditional conduct conference confidence confident configuration configured confirm conflict confuse
confusion congress connect connection conscious consensus consequence conservative consider considerable
consideration consist consistency consistent console const constant constitute construct construction consult
consumer contact contain contemporary content contest context continue continuous contract contrast contrastive
contribute contribution control convenient convention conversation convert convince convolutional cook cool
cooperate coordinator cope copper copy core corner corporate corpus correct correlation correspond corridor cost
cotton could couldn council count country county couple courage course court cousin cover cow cpu crack craft cream
create creation creative credentials credit crew crime criminal crisis criteria criterion critic critical criticise
criticism cron crop cross crowd crown crucial cruel cry css csv cultural culture cup cupboard cure curious curl
currency current cursor curtain curve custom cut cycle dad daemon daily damage dance danger dangerous dare dark
darling dashboard data database dataset date daughter dawn day db dead deadline deal dear death debate debt decade
decay december decide decimal decision deck declare decline decode decorate decorator decrease decrypt deep default
defeat defence defend define definite definition degree delay delete deletion delight delimiter deliver delivery
demand demo demonstrate dense deny department departure depend dependence dependency deploy deployment deposit
depression depth deputy derive descent describe description desert deserves design desire desk desperate despite
destroy destruction detail detect detection determine develop development device devil diagram dialogue diary
dictionary did didn die died diet differ difference different difficult difficulty dig digests digit dimension
dinner direct direction director dirt dirty disabled disables disagree disappear disappoint disaster discipline
discount discover discovery discuss discussion disease dish disk dismiss dispatched display dispute distance distant
distinct distinctions distinguish distributed distribution district disturb diverse diversity divide division dns do
docs doctor document documentation does doesn dog doing dollar domain domestic dominate don done door dot double
doubt down download dozen drafts drag drama dramatic draw drawn dream dress drift drink drive driven drop drug drum
dry due duplicate durability durable duration during dust duty each eager ear earlier earn earth ease easier easily
east eastern easy eat economic economist economy edge edit edition editor educate education educational effect
effective efficiency efficient effort eg egg egress eight eighth either elder elect election electric electrical
electricity electronic elegant element eliminate else elsewhere email embarrass embed emerge emergency emit emoji
emotion emotional emphasis emphasise emphasize empire employ employee employment empty emulator enable encode
encounter encourage encrypted encryption end endpoint enemy energy engage engine engineering enhance enjoy enormous
enough ensure enter enterprise entertain enthusiasm entire entitle entropy entry enum environment environmental
episode epoch equal equation equip equipment equivalent era erasable erase erasure error escape especially essay
essential establish estate estimate etc ethnic evaluated evaluation even event eventual ever every everybody
everyday everyone everything everywhere evidence evident evil evolution evolve exact examination examine example
exceed excellent except exception excess exchange excite exclude excuse execution executive exercise exhausted
exhibit exhibition exist existence exit expand expansion expect expectation expense expensive experience experiment
experimental expert expire expiry explain explanation explode explore explosion exponential export expose exposure
express expression extend extension extensive extent external extra extraordinary extreme eye face facility fact
factor factory faculty fade fail failover failure fair faith fall false familiar family famous fan fancy faq far
farm fashion fast fat father fault favor favorite favour favourite fear feature february federal fee feed feel
female fence fetch few fiction field fifteen fifth fiftieth fifty fight figure file fill filter final finance
financial find fine finger finish fire firewall firm first fish fit fitness five fix flag flame flash flat flesh
flight float flood floor flow fluency fluent fly focus folder folk follow food fool foot football for forbidden
forbids force forecast foreign forever forget forgive form formal format formation formula forth fortune forty
forward found foundation four fourth fraction frames framework framing france free freedom freeze frequent fresh
friday friend friendship from front frontend frozen fruit fuel fulfil full fullstack fully fun func function fund
fundamental funny furniture further furthermore future fuzzy gain gallery game gang gap garage garbage garden gas
gate gateway gather gear gender gene general generate generation generative generator generous gentle gentleman
genuine german get giant gift gigabytes girl give given glad glance glass global glove go goal god goes gold golden
golf gone good government governor grab grade gradient gradual graduate grain grand grandfather grandmother grant
graph graphics grass grateful gray great greedy green greet grey grid grip gross ground group grow grown growth
guarantee guard guess guest gui guide guilty guitar gun guy habit had hadn hair half hall halves hand handle handy
hang happen happy harbor harbour hard hardware harm harmless has hash hashmap hasn hat hate have haven he head
headline health healthy heap hear heart heat heaven heavy heel height held hell hello help hence her here hero
herself hesitate heuristic hex hidden hide high highlight hill him himself hint hip hire his histogram historic
historical history hit hobby hold hole holiday hollow holy home honest honey honor honour hook hope horizon horror
horse hospital host hot hotel hour household housing how however html http huge human humor humour hundred hungry
hunt hurry hurt husband hybrid hyperparameter hyperplane ice id idea ideal idempotency idempotent identical
identifier identify identity idle ids ie if ignore illegal illness illustrate image imagination imagine imitate
immediate impact imply import important impose impossible impress impression impressive improve improvement in inch
incident include income incorporate incorrect increase incredible indeed independent index indicate indication
indicator individual industrial industry inevitable inference infinity inflation influence info inform information
ingress init initial initialisation initialization initiative injure injury inner innocent innovation input inquiry
insect inserting insertion inside insight insist inspect inspection inspire install installation instance instant
instead institute institution instruct instruction instrument insurance int intake integer intellectual intelligence
intelligent intend intense intention interact interaction interface intermediate internal international internet
interpret interpretation interrupt interval interview into introduce introduction invalid invasion invent inverted
invest investigate investigation investment invisible invitation invite invocation invoke involve ip iron irregular
is island isn isolation issue it item iterator its itself jacket jail january jealous jeans jet jewel jitter job
join joint joke journal journalist journey joy json jsonl judge judgement judgment juice july jump june junior jury
just justice justify keen keep kept kernel key keyword kick kid kill kilobytes kilometer kilometre kind kindness
king kiss kitchen knee knife knock knot know knowledge knowledgeable known label labor laboratory labour lack ladder
lady lag lake lamp land landscape lane language large last late latency laugh laughter launch law lawyer lay lazy
lead leadership leaf league lean leap learn lease least leather leave lecture left leg legal legend legislation lend
length less lesson let level lexical lib liberal library licence lie lifecycle lifetime lift light like limit
limitation line linear link lint lip liquid list listens listings literally literary literature little live ll llm
load loan lobby local localhost locate location lock log logic logical login logits logout lone long look lookup
loop loose lord lorry lose loss lost loud love low loyal luck lucky lunch lung luxury machine mad made magazine
magic mail main maintain maintenance major majority make male malformed malicious man managed management manager
mankind manual manufacture many map march margin mark market marriage marry mask mass massive master match mate
material mathematics matrices matrix matter maximum may maybe mayor me meal mean meanwhile measure measurement meat
mechanic mechanical mechanism media median medical medicine medium meet megabytes member membership memorable memory
mend mental mention menu mere merge mess message met metadata metal method metric microseconds midday middle
middleware midnight might migrate migration mild mile military milk mill million millisecond min mind mine mini
minima minimal minimum minister minor minority minus minute mirror miscount miss mission mistake mix mixture ml
mobile mode model moderate modern modify module mom moment monday money monitor monkey monotonic month mood moon
moral more moreover morning most mother motion motivate motor mount mountain mouse mouth move movement movie ms much
multipart multiple multiplication multiplied multiplies multitenant mum murder muscle museum music musical musician
must mutex mutual my myself mystery nail name namespace nano narrative narrow nation national nationwide native
natural nature navy near nearby neat necessarily necessary neck need negative neighbor neighbour neighbourhood
neither nerve nervous nest nets network neural neuron never new newcomer next ngram nice night nine nineteen ninth
nlp no nobody nod noise noisy non none nonlinear nor norm normal normalisation normalised north northern nose not
notable note nothing notice notifications notion novel november now nowadays nowhere nuclear null number numerous
nurse nut obey object objection objective obligation observability observe obtain obvious occasion occasional
occupation occupy occur ocean october odd of off offence offense office official offline offset often oil ok okay
old omitted on once one only onto open openapi opera operate operation operator opinion opponent opportunity oppose
opposite opposition optimiser optimizer optional options or orange orchestra order ordinary organ organic
organisation organise organization organize origin original orphaned orphans os other otherwise our out outage
outbox outcome outdoor outlier outline outlives outlook output outside oven over overall overcome overfit overhead
overlap overload override overtake owe own oxygen pace pack package packet page pagination paid pain paint pair
palace pale pan panel panic paper paragraph parallel parallelism parameter paraphrase parent park parliament parse
part partial participate particular partition partner partnership party pass passage passenger passion passive
password past patch path patience patient pattern pause pay payload payment pdf peace peak peer pen penalty pence
pencil pending penny pension people pepper per perceive percent percentile perception perfect perform performance
perhaps period permanent permission permits permitted permutation permutes perplexity persist person personal
personality personnel perspective persuade phase phenomenon philosophy phone photo photograph phrase physical
physics piano pick picture piece pile pilot ping pink pipe pipeline pity pixels place placement plain plan planet
plant plastic plate platform player pleasant please pleasure plenty plugin plus pocket poem poet poetry point pole
police policeman policy polite political politician politics poll pollution pool poor popular popularity population
port portion portrait pose position positive possess possession possibility possible post potato potential pound
poverty powder power powerful practical practice practise praise pray preamble preceding precise precision
predecessor predict prediction prefer prefix pregnant prejudice preparation prepare presence present presentation
preserve president presigned press pressure pretend pretty prevail prevent previews previous price pride priest
primary prime prince princess principal principles print prior priority prison privacy private privilege prize
probability probable probe problem procedure proceed process processor prod produce product production profession
professional professor profile profit program programme progress projection projects prominent promise promote
promotion prompt pronounce proof proper property proportion proportional proposal propose prose prospect protect
protection protein protest protocol proud prove provide province provision proxy pruning psychological psychology
public publication publicity publish pull pump punch punctuation punish punishment pupil purchase pure purge purple
purpose pursue push put puzzle qualification qualify quality quantisation quantity quantum quarter queen query
question questionnaire queue quick quiet quite quorum quota quotation quote race racial radical radio rag rail
railway rain raise ram ran random range rank rapid rare rate rather ratings raw re reach react reaction read
readable readily ready real realise realistic reality realize rear reason reasonable rebel rebinding rebuilding
rebuilt recall receipt receive recent recipe reciprocal reckon recognise recognition recognize recommend
recommendation reconstruct record recover recovery recruit rectified recurrence recurrent recursive red redelivered
reduce reference refers reflect reflection reform refusal refuse regard regex regime region regional registry
regression regret regular regulate regulation reinforce reinforcement reject relate relation relational relationship
relative relax release relevance relevant reliability reliable relief relieve religion religious reluctant rely
remain remark remarkable remedy remember remind remote removal remove rename renewal rent repair repeat repetition
repetitive replace replacement replay replica repo report repository represent representation reputation request
require rerank rescue research resembles reservation reserve resident residual resign resist resistance resolution
resolve resort resource respect respectively respond response responsibility responsible rest restart restaurant
restore restrict result resume retail retained retention retire retirement retrieval retrieve retry return reuse
reveals reverse review revolution rewards rhythm rice rich rid ride right ring rise risk rival river road rock role
rollback rollout romantic roof room root rope rotate rotation rough round route row royal rubber rubbish ruin rule
rumour run runbook runtime rural rush sacrifice sad saddle safe saga said sail salad salary salt same sample sandbox
satellite satisfaction satisfactory satisfy saturday sauce save say scale scan scenario scene schedule schema scheme
scholar school science scientific scientist scope score scream screen script sea search searchable season seat sec
second secondary secrecy secret security see seed seek seem seen segment select selection self sell semantic
semaphore semicolon senate send senior sense sensible sensitive sensitivity sent sentence seo separate separation
september sequence sergeant series serious servant serve service session set settle settlement seven seventeen
several severe sex sha shade shadow shake shall shallow shame shape shard share shareholder sharp she shed sheep
sheet shelf shell shelter shift shine ship shirt shock shoe shoot shop shore short shorten shot should shouldn shout
show shown shrink shuffled shut shutdown shy sick side sight sigmoid sign signals signature significance significant
signup silence silent silk silly silver similar similarity simple simplify simulate simulation simulator since sing
single sink sir sister sit site situation six sixteen sixty size skill skin skip sky slash sleep slice slide
slightly slip slope slow small smart smell smile smoke smooth snow so soak social society socket soft softmax
software soil soldier solid solution solve some somebody somehow someone something sometimes somewhat somewhere son
song soon sophisticated sorry sort soul sound soup source south southern space span spare sparse spatial speak
special specialist species specific specifically specification spectrum speech speed spell spend spent sphere spin
spirit spiritual spite split spoil spokesman sponsor sport spot spread spreadsheet spring sql square ssh ssl stable
stack staff stage stair stall stamp stand standard star stare start state statement statistic statue status stay
steady steal steam steel steep stem step stick stiff still stimulate stock stomach stone stop stopword storage store
storm story straight strain strange strategic strategy stream street strength strengthen stress stretch strict
strike string strip stroke strong struct structural structure struggle student studio study stuff stupid style
subject submits subnet subscribe subsegments substance substantial substitute subtracts suburb succeed success
successful such sudden suffer sufficient suffix sugar suggest suit suitable sum summarise summarize summary sun
sunday sunlight super superfluous superuser supervised supper supplier supply support suppose supreme sure surface
surgeon surgery surprise surround survey survival survive suspect suspend sustain svg swear sweep sweet swim swing
switch sword symbol sympathy symptom sync synonym syntax system systematic tab table tackle tag tail take taken
talent talk tall tampered tank tap tape tar target task taste tax taxi tcp tea teacher teaches team tear tech
technical technique technological technology telephone television tell temperature template temporarily temporary
ten tenant tend tendency tennis tension tent tenth terminal terms territory test text than thank that the theater
theatre their them theme themselves then theorem theoretical theory therapy there thereby therefore these they thick
thin thing third thirteen thirty this thorough those though thought thousand thread threat threaten three threshold
throat throttle through throughout throughput throw thrown thumb thursday thus ticket tidy tie tier tight till time
timeline timeout timestamp tiny tip tired tissue title tls to tobacco today todo together token tokenisation
tokeniser tokenizer told tomato tombstone tomorrow tone tongue tonight too took tool tooth top topic total touch
tough tour tourist toward tower town toy trace track trade tradition traditional traffic train transaction transfer
transformer transforms translate translation transmission transport trap travel treasure treat treatment treaty tree
trend trial tribe trick tried tries trip trouble truck true truly trunk trust truth try tube tuesday tuned tuning
tunnel tuple turn turnover tutorial twelve twentieth twenty twice twin twist two type typical tyre ugly ui ultimate
unable uncertain unchanged uncle uncommon under underfit undergo undergraduate underlying understand understood
undertake undone unemployment unexpected unfair unfinished unfortunate uniform union unique unit unite universe
university unknown unless unlike unpack unrelated unreliable unseen unsupervised until unused unusual up update
upgrade upload upon upper ups upsert upset upstream urban urge urgent uri url us usage use used useful user username
using usual utility utilization utter ux vacation valid validate validation valley valuable value van vanish var
variable variance variants variation varied variety various vast ve vector vegetable vehicle vendor venture venue
verb verdict verify version very vessel via victim victory video view village violence violent virtual virtue virus
visibility visible vision visitor visits vital vm vocabulary voice void voltage volume voluntary volunteer vote vs
vulnerability wage wait wakes walk wall wander want war warehouse warm warn was wash wasn waste watch water waves
way we weak weaken weakness wealth weapon wear weather web webhook wedding wednesday week weekend weigh weight
welcome welfare well went were weren west western wet what whatever wheel when whenever where whereas wherever
whether which while whisper white who whoever whole whom whose why wide widespread widow width wife wiki wild
wildcards will window wing winner wins winter wipe wire wisdom wise wish with withdraw within without witness woman
women won wonder wonderful wood wooden wool word work workflow workforce workload workplace workshop world worry
worse worst worth worthwhile would wouldn wound wrap write written wrong wrote xml yaml yard years yellow yes
yesterday yet yield you young your youth zero zip zone
`;

const COMMON: ReadonlySet<string> = new Set(WORDS.split(/\s+/));

/** Endings of inflected forms, each with the endings that the base form may have in its place. */
const ENDINGS: readonly (readonly [string, readonly string[]])[] = [
  ['ies', ['y']],
  ['ied', ['y']],
  ['es', ['', 'e']],
  ['s', ['']],
  ['ing', ['', 'e']],
  ['ed', ['', 'e']],
  ['ly', ['', 'le']],
  ['er', ['', 'e']],
  ['ers', ['', 'e']],
  ['est', ['', 'e']],
];
const SHORTEST_STEM = 3;

/** Whether a word in lower case, or the word that it is a regular form of, is a common one. A single letter is. */
export const isCommon = (word: string): boolean =>
  word.length < 2 || COMMON.has(word) || ENDINGS.some(([ending, bases]) => isForm(word, ending, bases));

const isForm = (word: string, ending: string, bases: readonly string[]): boolean => {
  if (!word.endsWith(ending)) return false;
  const stem = word.slice(0, -ending.length);
  if (stem.length < SHORTEST_STEM) return false;
  // `stopping` is a form of `stop`, and `embeddings` of `embedding`, which is one of `embed`.
  const isDoubled = stem.at(-1) === stem.at(-2) && COMMON.has(stem.slice(0, -1));
  return isDoubled || bases.some((base) => isCommon(stem + base));
};
