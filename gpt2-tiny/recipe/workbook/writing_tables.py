"""What the tasks in which something is written, judged or asked choose from: a line each, its parts between bars."""

from drill_words import words


def lines(text: str) -> list[str]:
    """Its lines."""
    return text.strip().splitlines()


def table(text: str) -> list[tuple[str, ...]]:
    """The parts of each line."""
    return [tuple(part.strip() for part in line.split("|")) for line in lines(text)]


# place, and its rules
RULES = table("""
library | speak quietly | return the books on time | do not eat near the shelves
swimming pool | take a shower before swimming | do not run beside the water | do not dive in the shallow end
museum | do not touch the paintings | leave large bags at the entrance | take pictures without a flash
hospital | wash your hands before a visit | keep your voice low | come during visiting hours
cinema | switch off your phone | do not talk during the film | stay in your own seat
playground | take turns on the swings | do not push other children | do not throw sand
kitchen | wash your hands before cooking | turn off the stove after use | keep knives away from small children
classroom | raise your hand before you speak | listen to the teacher | keep your desk tidy
campsite | put out the fire before you sleep | take your garbage with you | be quiet after ten at night
zoo | do not feed the animals | stay behind the fence | do not knock on the glass
bus | show your ticket to the driver | give your seat to older people | hold on while the bus is moving
train station | stand behind the yellow line | let others get off first | do not leave your bags alone
forest | stay on the path | do not light a fire | do not disturb the birds
beach | swim only between the flags | pick up your litter | put on sunscreen
gym | wipe the machines after use | wear clean shoes | put the weights back
laboratory | wear safety glasses | do not taste anything | label every bottle
restaurant | wait to be seated | do not shout across the tables | pay before you leave
garden | do not step on the flowers | close the gate behind you | water the plants in the evening
workshop | wear gloves | put every tool back in its place | ask before using the saw
airport | keep your passport ready | do not leave your bags alone | watch your luggage
theater | arrive before the play begins | do not use your phone | clap only at the end
farm | close every gate | do not chase the hens | wear boots in the stable
ice rink | skate in the same direction as the others | wear gloves | do not eat on the ice
office | lock the door in the evening | answer messages politely | leave the meeting room tidy
parking lot | drive slowly | do not block the exit | park between the lines
""")

# what has happened to somebody, and what to tell them
ADVICE = table("""
I cannot fall asleep at night. | You should put your phone away an hour before bed.
I keep forgetting my keys. | You should hang your keys on a hook beside the door.
My room is always untidy. | You should tidy your room for ten minutes every evening.
I am nervous about my exam. | You should start studying early and sleep well before the exam.
I have had a quarrel with my best friend. | You should talk to your friend calmly and say that you are sorry.
I am often late for school. | You should get up fifteen minutes earlier.
I have a bad cold. | You should rest and drink plenty of warm tea.
I spend too much money. | You should write down everything that you buy.
I feel lonely in my new town. | You should join a club where you can meet people.
My plants are turning yellow. | You should give your plants more light and less water.
I have cut my finger. | You should clean the cut and put a bandage on it.
I do not know what to cook tonight. | You should make a simple dish from what you have at home.
My shoes are wet from the rain. | You should fill your shoes with newspaper and let them dry.
I want to learn Italian. | You should practice a few Italian words every day.
I get tired when I read. | You should read in good light and take short breaks.
I have lost my wallet. | You should ask at the lost property office.
My neighbor plays loud music. | You should speak to your neighbor in a friendly way.
I am afraid of flying. | You should breathe slowly and listen to music on the plane.
I always forget birthdays. | You should mark the birthdays on a calendar.
My back hurts when I sit. | You should get up and stretch every hour.
My phone battery dies too quickly. | You should make the screen darker and close programs that you do not use.
I am bored this weekend. | You should visit a place nearby where you have never been.
I made a mistake at work. | You should tell your boss about it at once.
I have too much homework. | You should do the hardest task first.
I burned my tongue. | You should drink some cold water.
""")

# state of a thing: what one should do with it, and things that can be so
STATES = table("""
broken | repair it | chair, clock, toy, fence, lamp, bicycle
dirty | wash it | shirt, cup, towel, car, plate, window
empty | fill it | bottle, bucket, jug, basket, kettle
wet | dry it | towel, coat, floor, dish, jacket
torn | sew it | shirt, curtain, coat, pillow, bag
blunt | sharpen it | pencil, knife, saw, ax
dusty | wipe it | shelf, mirror, table, lamp, piano
locked | open it with a key | door, box, gate, drawer, suitcase
lost | look for it | key, glove, letter, ring, wallet
dark | turn on a light in it | room, cellar, kitchen, attic
tangled | untie it | rope, string, cable, necklace
flat | pump it up | ball, tire
wrinkled | iron it | shirt, dress, tablecloth, skirt
thirsty | give it water | dog, horse, plant, cat
hungry | feed it | cat, puppy, goat, rabbit
overdue | pay it | bill, fine
untidy | tidy it | desk, room, drawer, cupboard
cold | heat it | soup, milk, stew, coffee
""")

# thing, its likeness, and what they have in common
LIKENESSES = table("""
the lake | mirror | smooth
the snow | white blanket | soft
the moon | silver coin | round
the city | beehive | busy
the cloud | ball of cotton | fluffy
the road | gray ribbon | long
the old house | sleeping giant | quiet
the desert | oven | hot
the classroom | zoo | noisy
my stomach | bottomless pit | hard to fill
his memory | locked chest | hard to open
a book | door to another world | full of wonders
the sun | golden coin | bright
the wind | howling wolf | loud
the fog | gray curtain | thick
the forest | green sea | endless
the river | silver snake | winding
the night | black cloak | dark
her voice | bell | clear
her smile | ray of sunshine | warm
the kitten | little ball of wool | soft
the traffic | slow river | endless
the idea | seed | small
a good friend | safe harbor | reliable
the library | treasure chest | full of riches
the rain | drummer on the roof | loud
the mountain | sleeping elephant | huge
the meadow | colorful carpet | bright
a lie | thin thread | easy to break
his anger | fire | hard to control
the storm | angry beast | wild
the crowd | swarm of bees | loud
the stage | small island | lonely
my grandmother | rock | strong
the runner | arrow | fast
the hammock | cradle | gentle
""")
AS_SIMILES = table("""
cold | ice
busy | a bee
brave | a lion
quiet | a mouse
light | a feather
strong | an ox
sly | a fox
slow | a snail
white | snow
black | coal
hard | a stone
soft | silk
sweet | honey
stubborn | a mule
proud | a peacock
gentle | a lamb
hungry | a wolf
free | a bird
clear | crystal
dry | dust
sharp | a razor
wise | an owl
blind | a bat
cool | a cucumber
flat | a pancake
red | a beet
thin | a rake
old | the hills
tall | a tower
bright | a star
""")

# subjects, and what is said of them with a good and a bad sense
FEELINGS = table("""
soup, cake, meal, pizza, salad, breakfast, stew | delicious/awful, fresh/stale, wonderful/disgusting, tasty/tasteless
film, story, concert, show, lesson, novel | exciting/boring, brilliant/terrible, delightful/dreadful, wonderful/tedious
waiter, nurse, guide, driver, teacher, clerk | friendly/rude, helpful/unhelpful, patient/impatient, kind/unkind
hotel, apartment, kitchen, beach, cabin, station | clean/filthy, lovely/ugly, comfortable/unpleasant, tidy/messy
trip, party, picnic, holiday, weekend, match | great/horrible, fun/miserable, amazing/disastrous, nice/awful
phone, camera, jacket, tent, radio, lamp, car | excellent/useless, reliable/faulty, perfect/defective, superb/worthless
""")
NEUTRAL = lines("""
The {thing} is on the second floor.
The {thing} stands in room {number}.
There are {number} {things} on the list.
The {thing} belongs to my cousin.
The number of the {thing} is {number}.
We counted {number} {things}.
She wrote about the {thing} on Monday.
The box contains {number} {things}.
The {thing} weighs {number} kilograms.
They have {number} {things}.
""")
NICER_WORDS = table("""
slim | skinny
thrifty | stingy
confident | arrogant
unique | weird
aroma | stink
bold | reckless
relaxed | lazy
youthful | childish
determined | pigheaded
chat | gossip
home | shack
inexpensive | cheap
aged | decrepit
smile | smirk
request | demand
crowd | mob
assertive | bossy
persuade | manipulate
cautious | cowardly
generous | wasteful
plump | fat
dreamy | absent-minded
mature | old
calm | dull
vintage | outdated
clever | cunning
strict | harsh
humble | meek
discussion | quarrel
energetic | hyperactive
natural | plain
challenge | problem
stroll | trudge
choosy | fussy
tidy | finicky
sensitive | touchy
praise | flattery
leader | tyrant
adventure | ordeal
""")

# what is said, and what the speaker feels
EMOTIONS = table("""
My dog ran away, and I miss him every day. | sad
I won the first prize in the drawing contest! | happy
Someone has scratched my new car again! | angry
I hear footsteps in the attic, and I am all alone. | afraid
I have to give a speech before the whole school tomorrow. | nervous
I never expected all of you to be waiting here with a cake! | surprised
My brother got a new bicycle, and I got nothing. | jealous
I tripped in front of the whole class. | embarrassed
There is nothing to do here, and the afternoon never ends. | bored
I built this boat with my own hands, and it floats. | proud
The doctor says that it is nothing serious after all. | relieved
We wanted to go to the sea, but the trip has been canceled. | disappointed
Nobody in this town ever calls me. | lonely
I should not have lied to my mother. | guilty
I read the instructions three times, and I still do not understand them. | confused
Only two more days until we fly to the islands! | excited
You carried my bags all the way home. How can I ever repay you? | grateful
There is a hair in my soup. I cannot eat this. | disgusted
The bus is late, and the printer has stopped working once more. | annoyed
She should have been home an hour ago, and she does not answer her phone. | worried
I walked for nine hours and can hardly keep my eyes open. | tired
Here by the lake, with a book on my knees, nothing troubles me. | calm
I wonder what is inside that old trunk. | curious
I smell the bread of my childhood and think of my village far away. | homesick
We have practiced for months, and nobody will beat us. | confident
I have tried every door, and there is no way out of here. | desperate
""")
FACTS = lines("""
A week has seven days.
Snow is frozen water.
Spiders have eight legs.
Penguins cannot fly.
A square has four equal sides.
The heart pumps blood through the body.
Bees make honey.
Iron is a metal.
Whales are mammals.
Paris is the capital of France.
Paper is made from wood.
The Moon moves around the Earth.
A minute has sixty seconds.
Frogs lay eggs.
Sound cannot travel through empty space.
Leap years have 366 days.
Owls hunt at night.
Salt dissolves in water.
Tadpoles grow into frogs.
Gold does not rust.
""")
OPINIONS = lines("""
{Things} are the prettiest things in the world.
Every family should own a {thing}.
A {thing} makes the best present.
{Things} are more interesting than books.
Nothing is as boring as a {thing}.
It is more fun to own a {thing} than to travel.
Old {things} look better than new ones.
{Things} are far too expensive.
Everybody ought to know more about {things}.
The most beautiful color for a {thing} is blue.
""")
FORMAL = table("""
Hey, what's up? | Good morning, how are you?
Thanks a bunch for the ride! | Thank you very much for driving me.
Gimme a call later. | Please telephone me this afternoon.
Sorry, I can't make it. | I regret that I am unable to attend.
The boss wants to see you. | The director wishes to speak with you.
We gotta go now. | We must leave now.
Can you fix this ASAP? | Could you please repair this as soon as possible?
Nah, I don't think so. | I am afraid that I do not agree.
That party was awesome! | The celebration was most enjoyable.
Drop me a line when you get there. | Please write to me upon your arrival.
See you guys tomorrow! | I look forward to meeting all of you tomorrow.
The kids had a blast. | The children enjoyed themselves greatly.
I'm totally broke. | I have no money at present.
What's the deal with the bill? | I would like to inquire about the invoice.
He's a nice guy. | He is a pleasant gentleman.
Hang on a sec. | Please wait a moment.
We're gonna need more chairs. | We will require additional chairs.
No way am I paying for that! | I must decline to pay for this.
My stuff still isn't here. | My order has not yet been delivered.
Let's grab a bite. | May I invite you to lunch?
You messed up the numbers. | There appears to be an error in your figures.
Just chill, it's fine. | There is no reason for concern.
Hi folks, come on in! | Ladies and gentlemen, please enter.
I wanna quit my job. | I intend to resign from my position.
Wow, your place is huge! | Your residence is remarkably spacious.
Got your letter, cheers. | I have received your letter with thanks.
""")
EXCLAMATIONS = lines("""
What a beautiful {thing} this is!
How quickly the {thing} disappeared!
What a huge {thing} you have!
How lovely your {thing} looks!
I have never seen such a {thing}!
What an old {thing} that is!
""")

HEADLINES = table("""
sports | Home Team Wins the Cup After Extra Time
sports | Young Swimmer Breaks National Record
sports | Goalkeeper Saves Three Penalties in the Final
sports | Cyclist Takes Gold on the Last Lap
sports | Coach Leaves Club After Five Defeats
weather | Heavy Snow Expected in the North
weather | Storm Brings Floods to the Coast
weather | Sunny Weekend Ahead for the South
weather | Thick Fog Will Last Until Friday
weather | Hottest July in Twenty Years
politics | Parliament Votes on New Tax Law
politics | President Meets Ministers Before the Election
politics | Mayor Promises More Money for Buses
politics | Voters Choose a New Governor
politics | Two Parties Agree on a Coalition
business | Shoe Company Opens Ten New Stores
business | Prices of Coffee Rise Again
business | Car Maker Reports Record Profit
business | Bank Lowers Its Interest Rates
business | Toy Factory Hires Two Hundred Workers
science | Telescope Discovers a Distant Planet
science | Researchers Find Fossil of a Giant Bird
science | New Experiment Measures the Speed of Light
science | Scientists Study Bacteria From the Deep Sea
science | Probe Sends First Photos of a Comet
health | Doctors Recommend More Sleep for Teenagers
health | New Vaccine Protects Against Winter Flu
health | Hospital Opens Ward for Children
health | Daily Walks Keep the Heart Strong
health | Too Much Sugar Harms the Teeth, Dentists Warn
travel | Night Train to the Mountains Returns
travel | Ten Quiet Islands for Your Next Holiday
travel | Airline Offers Cheap Flights to Iceland
travel | Why Tourists Love This Little Harbor
travel | Hotel in a Lighthouse Welcomes First Guests
art | Museum Shows Lost Paintings
art | Sculptor Turns Old Bicycles Into Horses
art | Famous Portrait Sold to Unknown Collector
art | Gallery Opens Exhibition of Children's Drawings
art | Painter Covers School Wall With Birds
""")
URGENT = lines("""
The kitchen is on fire, call for help!
A man has collapsed at the entrance, send a doctor now.
Water is pouring through the ceiling!
The brakes of the bus have failed, stop it at once.
There is a smell of gas in the stairwell, leave the house immediately.
The patient is not breathing well, come quickly!
A child has fallen into the river!
The deadline is in ten minutes and the file is missing.
The bridge is about to collapse, close the road now.
Somebody is breaking into the shop, call the police!
The power is out in the operating room.
The dog has swallowed poison and needs the vet right away.
""")
NOT_URGENT = lines("""
You can return the book whenever you like.
The summer picnic takes place next June.
When you have time, please water the plant in the hall.
Here are some photos from our holiday.
The new menu will be printed next month.
There is no hurry with the painting of the fence.
Your magazine arrives every other week.
Let us have coffee together one of these days.
The choir is still looking for singers for next year.
I thought you might enjoy this recipe.
The old chairs can stay in the cellar for now.
Tell me some time how you liked the film.
""")

# wordy phrases within a sentence, and the short ones
WORDY_VERB_PHRASES = table("""
made a decision to | decided to
is able to | can
was able to | could
has the ability to | can
is of the opinion that people must | thinks that people must
had the intention to | intended to
made an attempt to | tried to
was in a hurry to | hurried to
gave a promise to | promised to
made a plan to | planned to
took the opportunity to | used the chance to
is required to | must
had a strong desire to | longed to
""")
WORDY_ENDINGS = table("""
at this point in time | now
in the near future | soon
on a daily basis | daily
on a weekly basis | weekly
in a careful manner | carefully
in a hasty manner | hastily
at a slow speed | slowly
in close proximity to the river | near the river
in the vicinity of the school | near the school
on account of the fact that it was raining | because it was raining
due to the fact that it was late | because it was late
in spite of the fact that it was cold | although it was cold
during the course of the day | during the day
until such time as the sun sets | until the sun sets
for the purpose of earning money | to earn money
in order to please the guests | to please the guests
with the exception of Sundays | except on Sundays
on the occasion of the festival | at the festival
at a later date | later
at an early hour of the morning | early in the morning
in the absence of any help | without help
with the help of a friend | with a friend's help
in the event that it rains | if it rains
in a place that is quiet | in a quiet place
again and again without ever stopping | again and again
inside of the old building | inside the old building
in the month of May | in May
at the hour of noon | at noon
for a period of two weeks | for two weeks
along with and together with a neighbor | with a neighbor
in the direction of the town | toward the town
on the other side of the road that is opposite | across the road
""")
WORDY_ADJECTIVES = table("""
large in size | large
round in shape | round
red in color | red
heavy in weight | heavy
light in weight | light
square in shape | square
green in color | green
soft to the touch | soft
short in length | short
expensive in price | expensive
of great importance | important
of no use | useless
in a broken state | broken
completely and totally full | full
""")
WORDY_THINGS = words("box table stone bag cushion carpet lamp bowl chest basket")
# said twice: with the repetition, and without
REPETITIONS = table("""
free gift | gift
final end | end
past history | history
added bonus | bonus
unexpected surprise | surprise
true fact | fact
close scrutiny | scrutiny
new innovation | innovation
exact same color | same color
advance warning | warning
personal friend | friend
future plan | plan
round circle | circle
tiny little box | tiny box
big huge house | huge house
quick fast answer | quick answer
necessary requirement | requirement
brief short summary | brief summary
""")

# an idiom, and its meaning, which follows "to"
IDIOMS = table("""
spill the beans | tell a secret
break the ice | make people feel less shy at first
hit the hay | go to bed
pull someone's leg | tease someone with a joke
let the cat out of the bag | give away a secret by mistake
bite the bullet | accept something unpleasant bravely
kick the habit | stop doing something harmful
cut corners | do a job cheaply and badly
see eye to eye | agree completely
beat around the bush | avoid saying something directly
get cold feet | become too nervous to do something
keep an eye on something | watch something carefully
miss the boat | be too late for a chance
turn over a new leaf | begin to behave better
burn the midnight oil | work late into the night
have butterflies in one's stomach | feel nervous
be on cloud nine | be extremely happy
be under the weather | feel ill
jump on the bandwagon | join what everyone else is doing
face the music | accept the consequences of what one did
hit the nail on the head | say exactly the right thing
lose one's head | panic
sit on the fence | refuse to take sides
go the extra mile | do more than is expected
get the ball rolling | start something
throw in the towel | give up
be in hot water | be in trouble
keep one's chin up | stay cheerful in a hard time
cry over spilled milk | complain about something that cannot be changed
play it by ear | decide as things happen
pass the buck | give one's responsibility to another
rock the boat | cause trouble where things are calm
add fuel to the fire | make a bad situation worse
kill two birds with one stone | reach two aims with one action
open a can of worms | cause many new problems
put all one's eggs in one basket | depend on a single plan
tighten one's belt | spend less money
have one's hands full | be very busy
be all ears | listen eagerly
give someone the cold shoulder | ignore someone on purpose
make ends meet | have just enough money to live
bury the hatchet | make peace after a quarrel
call the shots | be the one who decides
hold one's tongue | stay silent
be a piece of cake | be very easy
be once in a blue moon | happen very rarely
learn the ropes | learn how a job is done
steal the show | get the most attention
pull strings | use one's influence secretly
save for a rainy day | keep money for hard times
smell a rat | suspect that something is wrong
take something with a grain of salt | not believe something entirely
have a chip on one's shoulder | be angry about an old wrong
lend a hand | help
stand one's ground | refuse to give way
be in the same boat | share the same difficulty
go against the grain | be contrary to one's nature
blow one's own trumpet | praise oneself
twist someone's arm | persuade someone who is unwilling
""")
# a sentence with an idiom, and what the speaker means
SAID_WITH_IDIOMS = table("""
That test was a piece of cake. | the test was very easy
I am all ears. | the speaker is listening carefully
I am going to hit the hay. | the speaker is going to bed
It is raining cats and dogs. | it is raining very hard
I have a lot on my plate. | the speaker has a lot to do
My lips are sealed. | the speaker will keep the secret
Let us call it a day. | it is time to stop working
I am feeling under the weather. | the speaker feels ill
You are pulling my leg. | the other person must be joking
We are all in the same boat. | everyone has the same problem
I could eat a horse. | the speaker is very hungry
My uncle visits us once in a blue moon. | the uncle visits very rarely
The ball is in your court. | the other person has to act next
He let the cat out of the bag. | he gave away the secret
She has a green thumb. | she is good at growing plants
I slept like a log. | the speaker slept very well
Time flies. | time passes very quickly
He has two left feet. | he dances badly
That rings a bell. | it sounds familiar to the speaker
I got up on the wrong side of the bed. | the speaker is in a bad mood
They are like two peas in a pod. | the two are very much alike
He is the black sheep of the family. | he is the one who brings shame on the family
I am over the moon. | the speaker is very happy
""")
PROVERBS = table("""
The early bird | catches the worm
Actions speak | louder than words
Practice | makes perfect
Better late | than never
Honesty is | the best policy
Two heads are | better than one
Every cloud has | a silver lining
A picture is worth | a thousand words
When in Rome, | do as the Romans do
All that glitters | is not gold
Where there is smoke, | there is fire
Too many cooks | spoil the broth
A rolling stone | gathers no moss
The pen is mightier | than the sword
Look before | you leap
Haste | makes waste
Out of sight, | out of mind
Birds of a feather | flock together
The apple does not fall | far from the tree
Do not count your chickens | before they are hatched
An apple a day | keeps the doctor away
Rome was not built | in a day
Beggars cannot | be choosers
Blood is thicker | than water
Curiosity killed | the cat
Do not judge a book | by its cover
Easy come, | easy go
Great minds | think alike
If at first you do not succeed, | try, try again
Laughter is | the best medicine
Make hay | while the sun shines
No news is | good news
Silence is | golden
Strike while | the iron is hot
The grass is always greener | on the other side of the fence
There is no place | like home
Time heals | all wounds
When the cat is away, | the mice will play
You cannot teach an old dog | new tricks
Absence makes | the heart grow fonder
Many hands | make light work
Still waters | run deep
""")

# what is so ("Why do/does/is ..."), as a question, and the answer in a whole sentence
REASONS = table("""
Why do we wear gloves in winter? | We wear gloves in winter because they keep our hands warm.
Why do people carry umbrellas? | People carry umbrellas because they do not want to get wet in the rain.
Why does a boat have a sail? | A boat has a sail because the wind can push it forward.
Why do we put milk in the refrigerator? | We put milk in the refrigerator because it stays fresh longer in the cold.
Why do cars have lights? | Cars have lights so that drivers can see the road in the dark.
Why do we need sleep? | We need sleep because our body and mind have to rest.
Why do trees lose their leaves in fall? | Trees lose their leaves in fall in order to save water in the winter.
Why do cats have whiskers? | Cats have whiskers because they help them to feel their way in the dark.
Why do we brush our teeth? | We brush our teeth because it keeps them clean and healthy.
Why does iron rust? | Iron rusts because it reacts with water and the oxygen in the air.
Why do birds build nests? | Birds build nests because they need a safe place for their eggs.
Why do we wear seat belts? | We wear seat belts because they protect us in an accident.
Why do we sweat? | We sweat because it cools our body.
Why do bees visit flowers? | Bees visit flowers because they collect nectar and pollen.
Why is the desert so dry? | The desert is so dry because it hardly ever rains there.
Why do we have night and day? | We have night and day because the Earth turns around itself.
Why do people wear sunglasses? | People wear sunglasses because the bright sun can hurt their eyes.
Why do ducks not get wet? | Ducks do not get wet because their feathers are covered with oil.
Why do we boil eggs? | We boil eggs because the heat makes them firm.
Why does bread rise? | Bread rises because the yeast in it makes gas.
Why do we see lightning before we hear thunder? | We see lightning first because light travels faster than sound.
Why do pots have handles? | Pots have handles so that we can lift them without burning our hands.
Why do houses have roofs? | Houses have roofs because they keep out rain and snow.
Why do people put salt on icy roads? | People put salt on icy roads because it melts the ice.
Why do camels live well in the desert? | Camels live well in the desert because they can go long without water.
Why do giraffes have long necks? | Giraffes have long necks so that they can reach the leaves of high trees.
Why do we need glasses? | We need glasses because they help us to see clearly.
Why do polar bears have thick fur? | Polar bears have thick fur because it keeps them warm in the cold.
Why do plants need sunlight? | Plants need sunlight because they use it to make their food.
Why does a puddle disappear on a sunny day? | A puddle disappears on a sunny day because its water evaporates.
Why do we close the windows in a storm? | We close the windows in a storm so that the rain stays outside.
Why do streets have signs? | Streets have signs so that people can find their way.
Why do firefighters wear helmets? | Firefighters wear helmets because falling objects could hurt them.
Why do dogs pant? | Dogs pant because it cools them down.
Why do we set an alarm clock? | We set an alarm clock because we want to wake up on time.
Why does wood float? | Wood floats because it is lighter than water of the same volume.
Why do we wash fruit? | We wash fruit because there may be dirt on its skin.
Why do shoes have laces? | Shoes have laces so that they sit firmly on our feet.
Why do bicycles have brakes? | Bicycles have brakes so that the rider can stop.
Why do teachers give homework? | Teachers give homework so that the students practice what they have learned.
""")
YES_NO = table("""
Can fish breathe under water? | Yes, fish can breathe under water.
Can penguins fly? | No, penguins cannot fly.
Is the sun a star? | Yes, the sun is a star.
Is a tomato an animal? | No, a tomato is a plant.
Do spiders have six legs? | No, spiders have eight legs.
Do cows give milk? | Yes, cows give milk.
Is ice warmer than steam? | No, ice is colder than steam.
Does a triangle have three sides? | Yes, a triangle has three sides.
Is a whale a fish? | No, a whale is a mammal.
Can a stone swim? | No, a stone cannot swim.
Does wood burn? | Yes, wood burns.
Is a dollar worth one hundred cents? | Yes, a dollar is worth one hundred cents.
Do bats sleep at night? | No, bats sleep during the day.
Is a feather heavier than a brick? | No, a feather is lighter than a brick.
Does the sun rise in the west? | No, the sun rises in the east.
Are lemons sour? | Yes, lemons are sour.
Do snakes have legs? | No, snakes do not have legs.
Is silver a metal? | Yes, silver is a metal.
Does a year have ten months? | No, a year has twelve months.
Can owls see well at night? | Yes, owls can see well at night.
Is a piano a musical instrument? | Yes, a piano is a musical instrument.
Do plants need water? | Yes, plants need water.
Is an hour shorter than a minute? | No, an hour is longer than a minute.
Are bananas blue? | No, ripe bananas are yellow.
Do birds lay eggs? | Yes, birds lay eggs.
Is a bicycle faster than an airplane? | No, a bicycle is slower than an airplane.
Does February have thirty days? | No, February has twenty-eight or twenty-nine days.
Is honey sweet? | Yes, honey is sweet.
Do horses eat grass? | Yes, horses eat grass.
Is the Moon larger than the Earth? | No, the Moon is smaller than the Earth.
""")
EITHER_OR = table("""
ice | solid | liquid
milk | liquid | solid
steam | a gas | a solid
sugar | sweet | sour
a lemon | sour | sweet
a whale | a mammal | a fish
a spider | an arachnid | an insect
a carrot | a vegetable | a fruit
a trumpet | a brass instrument | a string instrument
a cello | a string instrument | a wind instrument
an oak | a tree | a flower
a tulip | a flower | a tree
a frog | an amphibian | a reptile
a crocodile | a reptile | an amphibian
a penguin | a bird | a fish
a shark | a fish | a mammal
a bat | a mammal | a bird
an ant | an insect | a reptile
a snail | slow | fast
a cheetah | fast | slow
a feather | light | heavy
an anvil | heavy | light
the sun | a star | a planet
Mars | a planet | a star
Africa | a continent | a country
Brazil | a country | a city
glass | hard | soft
a pillow | soft | hard
a desert | dry | wet
a rainforest | wet | dry
coal | black | white
snow | white | black
fire | hot | cold
a freezer | cold | hot
a mouse | small | large
an elephant | large | small
a skyscraper | tall | low
a hammer | a tool | a toy
a doll | a toy | a tool
a truck | a vehicle | a building
a castle | a building | a vehicle
a violin | an instrument | a weapon
a sword | a weapon | an instrument
copper | a metal | a gas
oxygen | a gas | a metal
a circle | round | square
a ball | round | flat
a board | flat | round
rain | wet | dry
a lion | wild | tame
a lamb | young | old
a needle | sharp | blunt
a library | quiet | loud
a diamond | expensive | cheap
a sofa | a piece of furniture | a piece of clothing
a scarf | a piece of clothing | a piece of furniture
coffee | a drink | a meal
chess | a game | a dance
the tango | a dance | a game
a mushroom | a fungus | an animal
""")
USES = table("""
kettle | boiling water
umbrella | keeping dry in the rain
thermometer | measuring temperature
broom | sweeping the floor
ladder | climbing to high places
needle | sewing
hammer | driving nails into wood
saw | cutting wood
spoon | eating soup
oven | baking
refrigerator | keeping food cold
clock | telling the time
lamp | giving light
pillow | resting the head
towel | drying the body
comb | tidying the hair
toothbrush | cleaning teeth
bar of soap | washing hands
key | opening locks
calendar | keeping track of days
map | finding the way
compass | finding north
telescope | looking at stars
microscope | looking at tiny things
scale | measuring weight
ruler | measuring length
eraser | removing pencil marks
pencil | writing and drawing
envelope | sending letters
stamp | paying for the mail
wallet | carrying money
suitcase | packing clothes for a trip
hair dryer | drying wet hair
helmet | protecting the head
anchor | keeping a ship in place
parachute | falling slowly through the air
fishing rod | catching fish
watering can | watering plants
rake | gathering leaves
shovel | digging
lawn mower | cutting grass
wheelbarrow | moving heavy loads in the garden
bucket | carrying water
sponge | wiping up spills
vacuum cleaner | sucking up dust
iron | smoothing clothes
washing machine | washing clothes
candle | lighting a room without electricity
match | lighting a fire
corkscrew | opening bottles of wine
grater | cutting cheese into tiny pieces
sieve | separating small pieces from large ones
whistle | giving loud signals
bandage | covering a wound
stethoscope | listening to the heart
camera | taking pictures
battery | storing electricity
crane | lifting heavy things
fence | keeping animals in a field
tent | sleeping outdoors
""")
COMPARISONS = table("""
a bicycle | a car | has two wheels | has four | vehicles
a cat | a dog | meows | barks | pets
a river | a lake | flows | stands still | bodies of water
the sun | the moon | shines by day | is seen mostly at night | seen in the sky
a bird | a fish | lives in the air and on land | lives in water | animals
a guitar | a flute | has strings | is blown | musical instruments
a spider | an ant | has eight legs | has six | small animals
a square | a triangle | has four sides | has three | flat shapes
winter | summer | is cold | is warm | seasons
an apple | a lemon | is sweet | is sour | fruits
a sofa | a chair | has room for several people | has room for one | pieces of furniture
a train | a bus | runs on rails | drives on the road | means of transport
a poem | a novel | is usually short | is long | works of literature
a frog | a lizard | has smooth, wet skin | has dry scales | cold-blooded animals
a spoon | a knife | is used for scooping | is used for cutting | pieces of cutlery
an airplane | a helicopter | has wings | has a rotor | aircraft
coffee | tea | is made from roasted beans | is made from leaves | hot drinks
gold | silver | is yellow | is grayish white | precious metals
a glove | a sock | is worn on the hand | is worn on the foot | pieces of clothing
a cow | a hen | gives milk | lays eggs | farm animals
a city | a village | has many inhabitants | has few | places where people live
a snail | a hare | is slow | is fast | animals
a broom | a mop | is used dry | is used wet | used for cleaning floors
an hour | a minute | has sixty minutes | has sixty seconds | measures of time
a whale | a shark | breathes air | breathes water through gills | sea animals
a tree | a bush | has one trunk | has many stems | plants
football | tennis | is played with the feet | is played with a racket | ball games
a painting | a statue | is flat | can be seen from all sides | works of art
a teacher | a doctor | works at a school | treats sick people | people with important jobs
a piano | a drum | has keys | has a skin | musical instruments
milk | water | is white | has no color | drinks
a candle | a lamp | burns with a flame | usually needs electricity | sources of light
a letter | a telephone call | is written | is spoken | ways of sending news
a rose | a cactus | needs much water | needs little | plants
a tiger | a leopard | has stripes | has spots | big cats
bread | soup | is solid | is liquid | foods
a pen | a pencil | writes with ink | writes with graphite | writing tools
a bee | a fly | makes honey | does not | insects
a mountain | a valley | is high | is low | parts of a landscape
rain | snow | is liquid | is frozen | kinds of weather
""")
EFFECTS = table("""
you leave ice in the sun | the ice melts
you heat water to one hundred degrees Celsius | the water boils
you drop a glass on a stone floor | the glass breaks
you do not water a plant | the plant dries up
you put a stone in water | the stone sinks
you leave milk in a warm room | the milk turns sour
you blow up a balloon too far | the balloon bursts
you put water in the freezer | the water freezes
you stir sugar into hot tea | the sugar dissolves
you leave iron in the rain | the iron rusts
you blow out a candle | the flame goes out
you touch a hot stove | you burn your fingers
you forget to set your alarm clock | you may oversleep
you eat too many sweets | you may get a stomachache
you drive through a red light | you may cause an accident
you let go of a helium balloon | the balloon floats upward
you leave bread in the oven too long | the bread burns
you plant a seed and water it | a plant grows from it
you wash a wool sweater in very hot water | the sweater shrinks
you run a long way | your heart beats faster
you stay up all night | you are tired the next day
you rub two sticks together for a long time | the sticks become hot
you walk in the rain without an umbrella | you get wet
you leave the lights of a parked car on | the battery runs down
you hold a magnet near iron nails | the magnet attracts the nails
you cut an onion | your eyes fill with tears
you stay in the sun too long | your skin gets burned
you throw a ball into the air | the ball falls down again
you never brush your teeth | you get holes in your teeth
""")
CALLED = table("""
a person who bakes bread | a baker
a person who flies an airplane | a pilot
a person who repairs pipes | a plumber
a person who cuts hair | a hairdresser
a person who writes books | an author
a person who treats sick animals | a veterinarian
a person who puts out fires | a firefighter
a person who sells flowers | a florist
a person who studies the stars | an astronomer
a person who draws plans for houses | an architect
a person who makes clothes | a tailor
a person who catches fish for a living | a fisherman
a young cat | a kitten
a young dog | a puppy
a young sheep | a lamb
a young cow | a calf
a young horse | a foal
a house for a dog | a kennel
the home of a bird | a nest
a building where plays are performed | a theater
a place where books are lent | a library
a place where bread is sold | a bakery
a place where planes land | an airport
a group of wolves | a pack
a group of fish | a school
a group of sheep | a flock
a group of ships | a fleet
a shoe for the winter | a boot
a meal in the morning | breakfast
a meal in the evening | dinner
frozen water | ice
a period of ten years | a decade
a period of one hundred years | a century
the child of one's aunt | a cousin
the mother of one's father | a grandmother
a house made of snow | an igloo
""")
EVENTS = table("""
passed the driving test | on passing the driving test
won the chess tournament | on winning the chess tournament
got a new job | on your new job
got married | on your wedding
had a baby | on the birth of your baby
finished school | on finishing school
bought a house | on your new house
turned eighteen | on your eighteenth birthday
published a book | on your first book
won a medal | on winning a medal
learned to swim | on learning to swim
opened a bakery | on opening the bakery
got the best grade in the class | on your excellent grade
scored the winning goal | on scoring the winning goal
received a scholarship | on your scholarship
run a marathon | on finishing the marathon
""")
EXCUSES = table("""
being late for class | I am late because my bus broke down on the way.
not doing the homework | I could not do my homework because I left my book at school.
missing the meeting | I missed the meeting because I was at the dentist.
not answering a message | I did not answer because my phone was switched off.
forgetting a birthday | I forgot your birthday because I mixed up the dates.
leaving the party early | I have to leave early because I must catch the last train.
not cleaning the room | I did not clean my room because I had to study all day.
arriving without a present | I have no present yet because the shop was closed.
not eating the soup | I cannot eat the soup because I have a stomachache.
being absent from practice | I was absent from practice because I had hurt my ankle.
returning a book too late | I returned the book late because I was ill last week.
not coming to dinner | I cannot come to dinner because my sister is visiting me.
not lending your bicycle | I cannot lend you my bicycle because its tire is flat.
going home without a coat | I have no coat because I left it on the bus.
not writing a letter | I did not write because I had lost your address.
""")
OFFERS = table("""
Would you like another piece of cake? | Thank you, it was delicious, but I am already full.
Can you help me move on Saturday? | I am sorry, but I have to work on Saturday.
Will you come to my party tonight? | Thank you for asking me, but I already have other plans.
May I borrow your car? | I am sorry, but I need my car today.
Would you like a cup of coffee? | No, thank you, I do not drink coffee in the evening.
Shall we go swimming tomorrow? | That sounds lovely, but I have a cold.
Can you lend me some money? | I am sorry, but I cannot spare any money at the moment.
Do you want to play chess with me? | Thank you, but I have to finish my homework first.
Would you like to buy this vase? | It is very pretty, but I am afraid that I have no room for it.
Can you look after my dog next week? | I would like to help, but I am away next week.
Would you sing a song for us? | Thank you for asking, but my throat is sore.
Can I carry your bag for you? | That is kind of you, but I can manage it myself.
Will you join our choir? | Thank you for the offer, but I have no free evenings.
Could you stay until six? | I am sorry, but I have to catch my train at five.
Would you like to ride my horse? | Thank you, but I would rather watch.
Will you taste my fish soup? | It smells good, but I am afraid that I do not eat fish.
""")
REASONED_COMMANDS = table("""
Move your chair. | I want to pass. | move your chair so that I can pass
Turn down the music. | I want to sleep. | turn down the music so that I can sleep
Open the window. | I need fresh air. | open the window so that I can get some fresh air
Speak louder. | I cannot hear you. | speak louder so that I can hear you
Turn on the light. | I want to read. | turn on the light so that I can read
Hold the ladder. | I want to climb up. | hold the ladder so that I can climb up
Give me the key. | I want to lock the door. | give me the key so that I can lock the door
Wait here. | I have to make a call. | wait here while I make a call
Stand aside. | I want to see the stage. | stand aside so that I can see the stage
Lend me your pen. | I have to sign this form. | lend me your pen so that I can sign this form
Drive more slowly. | I feel sick. | drive more slowly, as I feel sick
Close the door. | It is cold in here. | close the door, as it is cold in here
Take off your hat. | I cannot see the screen. | take off your hat so that I can see the screen
Call the dog back. | I am afraid of it. | call the dog back, as I am afraid of it
Tell me the time. | I have no watch. | tell me the time, as I have no watch
Be quiet. | The baby is asleep. | be quiet, as the baby is asleep
Carry this box. | My arm hurts. | carry this box, as my arm hurts
Clear the table. | I want to draw. | clear the table so that I can draw
Repeat the address. | I want to write it down. | repeat the address so that I can write it down
Pass me the salt. | The soup has no taste. | pass me the salt, as the soup has no taste
""")
LETTER_GREETINGS = table("""
to a friend named {name} | Dear {name},
to your boss, {title} {surname} | Dear {title} {surname},
to a company whose people you do not know | Dear Sir or Madam,
to your grandmother | Dear Grandma,
to the parents of your class | Dear Parents,
to your cousin {name} | Dear {name},
to your teacher, {title} {surname} | Dear {title} {surname},
to your neighbors | Dear Neighbors,
""")
LETTER_CLOSINGS = table("""
to a friend named {name} | Best wishes,
to your boss, {title} {surname} | Sincerely yours,
to a company whose people you do not know | Yours faithfully,
to your grandmother | With love,
to your cousin {name} | Lots of love,
to your teacher, {title} {surname} | Yours sincerely,
to your neighbors | Kind regards,
""")
OCCASIONS = table("""
my birthday party | on Saturday at four
a picnic in the park | on Sunday at noon
dinner at our house | on Friday at seven
a concert at school | next Tuesday at six
a walk in the hills | tomorrow morning at nine
our wedding | on the second of June
the opening of my shop | on Monday at ten
a game of chess | this evening at eight
the class play | on Thursday at five
a barbecue in the garden | next Saturday at three
an evening of films | on Wednesday at half past seven
a boat trip on the lake | on Sunday at two
""")
# what one says of a thing that one likes
PRAISES = table("""
I love your {thing}; it suits you perfectly. | hat, scarf, dress, jacket, necklace, sweater
Your {thing} tastes wonderful; you are a great cook. | soup, cake, bread, stew, apple pie, salad
Your {thing} looks beautiful; you have a gift for colors. | drawing, painting, room, quilt, poster
Your {thing} is so full of life that I could listen to it for hours. | song, story, speech, poem
Your {thing} is lovely; everything in it is so well kept. | garden, kitchen, house, shop, workshop
What a clever {thing} you have; it learns so fast. | dog, parrot, pony, cat
""")
MESSAGES = table("""
Hi {name}, the trains are not running today, so I am walking. I hope it does not rain. I will be there an hour late. | \
The writer will be an hour late.
Dear {name}, the oven in our kitchen is being repaired. It takes a few days. Dinner on Friday will be at a restaurant. \
| The dinner on Friday will be at a restaurant.
Dear members, many of you have asked for it. From May on, the pool will also open on Sundays. | The pool will open on \
Sundays from May on.
Hello {name}, we looked everywhere, even under the sofa. Your gloves were in the car the whole time. | {name}'s gloves \
were found in the car.
Dear parents, the weather looks bad for Thursday. We have moved the school trip to next week. | The school trip has \
been moved to next week.
Hi {name}, Grandpa is out of the hospital. He still needs rest, but he feels much better. | Grandpa is home from the \
hospital and feels better.
Hello {name}, thank you for the long letter. I have thought about it for days. I will take the job in the city. | The \
writer will take the job in the city.
Dear guests, our cook is ill. We are sorry about it. The restaurant stays closed tonight. | The restaurant stays \
closed tonight.
Hi {name}, I have counted the money from the fair twice. We have enough for new instruments. | There is enough money \
for new instruments.
Dear customers, prices have risen everywhere. Still, our bread will cost the same as before. | The price of the bread \
will not change.
""")
SURNAMES = words(
    "Stein Novak Rivera Becker Olsen Moretti Tanaka Fischer Dubois Larsen Kowalski Mendes Archer Hale Yilmaz"
)
TITLES = table("""
lost key | The Key That Nobody Missed
ship in a storm | Night of the Tall Waves
boy who talks to birds | The Boy Who Spoke Robin
haunted house | Footsteps in the Attic
trip to the moon | Three Days on the Moon
old lighthouse keeper | The Last Light on the Rock
stolen painting | The Empty Frame
friendship between a fox and a hen | An Unlikely Pair
town without children | The Silent Playground
baker who wins a contest | A Golden Loaf
dog that finds its way home | The Long Way Back
girl who builds a robot | Sparks and Screws
king who cannot laugh | The King's First Smile
forgotten island | The Island Off the Map
school for magicians | Lessons in Wonder
race across the desert | Sand in the Wheels
secret garden | Behind the Ivy Gate
bear that wants to dance | The Dancing Bear of Willow Hill
family that moves to a farm | New Boots for Everyone
clock that runs backward | The Backward Clock
""")
# the first word of a sentence: an opening with it, and the tense of the rest
STARTS = table("""
Yesterday | Yesterday | past
Tomorrow | Tomorrow | future
Soon | Soon | future
Suddenly | Suddenly | past
Luckily | Luckily, | past
Finally | Finally, | past
If | If it rains, | future
Because | Because it was late, | past
Although | Although it was cold, | past
When | When the bell rang, | past
While | While the others slept, | past
Before | Before dinner, | past
After | After the storm, | past
Last | Last week | past
Next | Next year | future
Every | Every morning | present
Sometimes | Sometimes | present
Once | Once | past
Today | Today | future
Without | Without a word, | past
During | During the holidays, | past
Perhaps | Perhaps | future
Early | Early in the morning, | past
On | On Sundays | present
""")
CITIES = words(
    "Vienna Lisbon Oslo Prague Dublin Athens Cairo Lima Boston Chicago Toronto Madrid Milan Kyoto Geneva Warsaw"
)
